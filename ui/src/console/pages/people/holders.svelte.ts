import { api, Refusal, take } from '../../../api/client';
import { personName } from '../../state/desk.svelte';
import { reason } from '../../state/toasts.svelte';
import { changeAgent, fetchAgent, withSkill } from './agent.svelte';
import type { Me } from '../../state/session.svelte';

const AT_ONCE = 6;

export interface Holder {
    id: number;
    name: string;
    avatar: string | null;
    /** Given to them. */
    level: number | null;
    /** What a rule gives them. */
    derived: number | null;
}

async function unlessGone<Found>(call: Promise<Found>): Promise<Found | null> {
    try {
        return await call;
    } catch (failure) {
        if (failure instanceof Refusal && failure.status === 404) return null;
        throw failure;
    }
}

/** Who has a skill. Lists of agents don't say, so each agent is asked for. */
export class Holders {
    #agents = $state.raw<ReadonlyMap<number, Me>>(new Map());
    phase = $state<'loading' | 'ready' | 'failed'>('loading');
    problem = $state('');

    /** The latest look; an earlier one, or one that was stopped, is of no use any more. */
    #look = 0;

    constructor(readonly skill: number) {}

    get agents(): Holder[] {
        return [...this.#agents.values()].map((agent) => ({
            id: agent.id,
            name: personName(agent),
            avatar: agent.avatar_url,
            level: agent.muster.skills.find(({ id }) => id === this.skill)?.level ?? null,
            derived: agent.muster.derived_skills.find(({ id }) => id === this.skill)?.level ?? null,
        }));
    }

    /** The best first. */
    get all(): Holder[] {
        const best = ({ level, derived }: Holder) => level ?? derived ?? 0;
        return this.agents
            .filter(({ level, derived }) => level !== null || derived !== null)
            .sort((one, other) => best(other) - best(one) || one.name.localeCompare(other.name));
    }

    stop() {
        this.#look++;
    }

    async load() {
        const look = ++this.#look;
        try {
            const listed = (await take(api.GET('/api/v1/agents'))).filter(({ type }) => type === 'agent');
            const found = new Map<number, Me>();
            const waiting = listed.map(({ id }) => id);
            const next = async () => {
                for (let id = waiting.shift(); id !== undefined && look === this.#look; id = waiting.shift()) {
                    const agent = await unlessGone(fetchAgent(id));
                    if (agent) found.set(id, agent);
                }
            };
            await Promise.all(Array.from({ length: AT_ONCE }, next));
            if (look !== this.#look) return;
            this.#agents = found;
            this.phase = 'ready';
        } catch (failure) {
            if (look !== this.#look) return;
            this.problem = reason(failure);
            if (this.phase === 'loading') this.phase = 'failed';
        }
    }

    async put(id: number, level: number | null) {
        const changed = await changeAgent(id, (fresh) => withSkill(fresh, this.skill, level));
        this.#agents = new Map(this.#agents).set(id, changed);
    }
}
