import { api, take, type Schemas } from '../../api/client';
import { t } from '../text';
import { desk, personName } from './desk.svelte';
import { session } from './session.svelte';
import type { Frame } from './socket.svelte';
import type { Item } from './sources';
import { reason, toasts } from './toasts.svelte';

export type QueueAgent = Schemas['UserCompact'];

const SHOWN = 50;
const SOON = 600;
const LISTED = ['new_message', 'new_conversation', 'conversation_update', 'conversation_gone', 'reload'];

/** Conversations that nobody has, the longest waiting first, and who could have them. */
export class Queue {
    waiting = $state.raw<Item[]>([]);
    total = $state(0);
    agents = $state.raw<QueueAgent[]>([]);
    phase = $state<'loading' | 'ready' | 'failed'>('loading');
    problem = $state('');
    readonly #timers = new Map<() => Promise<void>, ReturnType<typeof setTimeout>>();

    hear({ type, data }: Frame) {
        if (LISTED.includes(type)) this.#soon(this.#loadWaiting);
        if (type === 'reload' || type === 'agent_availability_update') this.#soon(this.#loadAgents);
        if (type !== 'conversation_update') return;
        const change = data as Partial<Item>;
        if ('assigned_user_id' in change || 'status' in change) this.#soon(this.#loadAgents);
    }

    stop() {
        for (const timer of this.#timers.values()) clearTimeout(timer);
        this.#timers.clear();
    }

    #soon(load: () => Promise<void>) {
        if (this.#timers.has(load)) return;
        const later = () => {
            this.#timers.delete(load);
            // What is shown stays until the next look.
            load().catch(() => {});
        };
        this.#timers.set(load, setTimeout(later, SOON));
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
        this.#soon(this.#loadWaiting);
        this.#soon(this.#loadAgents);
    }

    readonly #loadWaiting = async () => {
        await desk.statusesAsked;
        const filters = JSON.stringify([
            { model: 'conversations', field: 'assigned_user_id', operator: 'not set', value: '' },
            desk.withStatus((category) => category === 'open'),
        ]);
        const sorted = { page_size: SHOWN, order_by: 'conversations.waiting_since', order: 'asc' };
        const query = { ...sorted, ...(desk.statuses.length ? { filters } : {}) };
        const list = session.can('conversations:read_all')
            ? api.GET('/api/v1/conversations/all', { params: { query } })
            : api.GET('/api/v1/conversations/unassigned', { params: { query } });
        const found = await take(list);
        this.waiting = found.results;
        this.total = found.total;
    };

    readonly #loadAgents = async () => {
        desk.agents = await take(api.GET('/api/v1/agents/compact'));
        this.agents = desk.agents.filter((agent) => agent.enabled && agent.type === 'agent');
    };
}
