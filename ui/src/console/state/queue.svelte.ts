import { api, take, type Schemas } from '../../api/client';
import { t } from '../text';
import { desk, personName } from './desk.svelte';
import { session } from './session.svelte';
import type { Item } from './sources';
import { reason, toasts } from './toasts.svelte';

interface Work {
    load: number;
    capacity: number | null;
    since: string;
}

export type QueueAgent = Schemas['UserCompact'] & { work: Work | null };

const SHOWN = 50;
const ASKED = 40;
const SOON = 600;

/** Conversations that nobody has, the longest waiting first, and who could have them. */
export class Queue {
    waiting = $state.raw<Item[]>([]);
    total = $state(0);
    agents = $state.raw<QueueAgent[]>([]);
    phase = $state<'loading' | 'ready' | 'failed'>('loading');
    problem = $state('');
    #soon: ReturnType<typeof setTimeout> | undefined;

    loadSoon() {
        this.#soon ??= setTimeout(() => {
            this.#soon = undefined;
            void this.load();
        }, SOON);
    }

    async load() {
        try {
            await Promise.all([this.#loadWaiting(), this.#loadAgents()]);
            this.phase = 'ready';
        } catch (failure) {
            this.problem = reason(failure);
            if (this.phase === 'loading') this.phase = 'failed';
        }
    }

    async assign(uuid: string, id: number) {
        const before = this.waiting;
        this.waiting = before.filter((item) => item.uuid !== uuid);
        try {
            await take(
                api.PUT('/api/v1/conversations/{uuid}/assignee/user', {
                    params: { path: { uuid } },
                    body: { assignee_id: id, expected_assignee_id: null },
                }),
            );
            toasts.say(t('done.taken', { name: personName(desk.agent(id)) }));
        } catch (failure) {
            this.waiting = before;
            toasts.failed(failure);
        }
        this.loadSoon();
    }

    async #loadWaiting() {
        await desk.loaded;
        const open = desk.statuses.filter((status) => status.category === 'open').map(({ id }) => String(id));
        const filters = JSON.stringify([
            { model: 'conversations', field: 'assigned_user_id', operator: 'not set', value: '' },
            { model: 'conversations', field: 'status_id', operator: 'in', value: JSON.stringify(open) },
        ]);
        const sorted = { page_size: SHOWN, order_by: 'conversations.waiting_since', order: 'asc' };
        const query = { ...sorted, ...(open.length ? { filters } : {}) };
        const list = session.can('conversations:read_all')
            ? api.GET('/api/v1/conversations/all', { params: { query } })
            : api.GET('/api/v1/conversations/unassigned', { params: { query } });
        const found = await take(list);
        this.waiting = found.results;
        this.total = found.total;
    }

    async #loadAgents() {
        const agents = (await take(api.GET('/api/v1/agents/compact'))).filter(
            (agent) => agent.enabled && agent.type === 'agent',
        );
        const known = new Map<number, Work>();
        if (session.can('users:manage')) {
            const there = agents.filter((agent) => agent.availability_status !== 'offline').slice(0, ASKED);
            await Promise.all(
                there.map(async ({ id }) => {
                    const { muster } = await take(
                        api.GET('/api/v1/agents/{id}', { params: { path: { id: String(id) } } }),
                    );
                    known.set(id, { load: muster.load, capacity: muster.capacity, since: muster.state_since });
                }),
            );
        }
        this.agents = agents.map((agent) => ({ ...agent, work: known.get(agent.id) ?? null }));
    }
}
