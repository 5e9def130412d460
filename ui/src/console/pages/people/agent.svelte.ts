import { api, take, type Schemas } from '../../../api/client';
import { desk } from '../../state/desk.svelte';
import { session, type Me } from '../../state/session.svelte';
import { reason } from '../../state/toasts.svelte';
import { inTurn } from './turns';

type Changes = Partial<Schemas['AgentRequest']>;

export const numbered = (id: number | string) => ({ params: { path: { id: String(id) } } });

export const fetchAgent = (id: number | string): Promise<Me> => take(api.GET('/api/v1/agents/{id}', numbered(id)));

/**
 * Changes an agent as it is at this moment. The request replaces roles, teams and skills as a whole, so what somebody
 * else did to them meanwhile has to be in it; changes made here are made one after another.
 */
export const changeAgent = (id: number | string, how: (fresh: Me) => Changes): Promise<Me> =>
    inTurn(`agent/${id}`, async () => {
        const fresh = await fetchAgent(id);
        const { first_name, email, roles } = fresh;
        const body = { first_name, email: email ?? '', roles: roles ?? [], ...how(fresh) };
        return take(api.PUT('/api/v1/agents/{id}', { ...numbered(id), body }));
    });

const skillsOf = (agent: Me) => agent.muster.skills.map(({ id, level }) => ({ id, level }));

/** The skills of an agent, with one of them at a level, or without it. */
export const withSkill = (agent: Me, id: number, level: number | null): Changes => ({
    muster: {
        skills: [...skillsOf(agent).filter((skill) => skill.id !== id), ...(level === null ? [] : [{ id, level }])],
    },
});

/** An agent whose page is open. */
export class AgentRecord {
    agent = $state.raw<Me | null>(null);
    problem = $state('');

    constructor(readonly id: string) {}

    readonly refresh = async () => {
        this.agent = await fetchAgent(this.id);
    };

    readonly load = async () => {
        this.problem = '';
        try {
            await this.refresh();
        } catch (failure) {
            this.problem = reason(failure);
        }
    };

    readonly change = async (how: (fresh: Me) => Changes) => {
        this.agent = await changeAgent(this.id, how);
        void desk.load();
        if (this.own) session.refreshSoon();
    };

    get own(): boolean {
        return String(session.me?.id) === this.id;
    }
}
