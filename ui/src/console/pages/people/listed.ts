import type { Schemas } from '../../../api/client';
import { personName } from '../../state/desk.svelte';

export type Listed = Schemas['UserCompact'];

/** What a list of agents is cut down to, as the address says it. */
export interface Wish {
    words: string;
    team: string;
    role: string;
    state: string;
    order: string;
}

export const states = ['online', 'away', 'away_manual', 'away_and_reassigning', 'offline', 'locked', 'closed'] as const;
export const orders = ['name', 'state', 'load'] as const;

export const stateOf = (agent: Listed): (typeof states)[number] => {
    if (!agent.enabled) return 'closed';
    return agent.muster.locked ? 'locked' : agent.availability_status;
};

function fits(agent: Listed, { words, team, role, state }: Wish): boolean {
    const text = `${personName(agent)} ${agent.email ?? ''}`.toLowerCase();
    return (
        words
            .toLowerCase()
            .split(/\s+/)
            .every((word) => text.includes(word)) &&
        (!team || (agent.muster.teams?.some(({ id }) => String(id) === team) ?? false)) &&
        (!role || (agent.muster.roles?.includes(role) ?? false)) &&
        (!state || stateOf(agent) === state)
    );
}

/** Where the list of agents was left, with what it was cut down to. */
export const lastList = { path: '/agents' };

const byName = (one: Listed, other: Listed) => personName(one).localeCompare(personName(other));

const compare: Record<string, (one: Listed, other: Listed) => number> = {
    state: (one, other) =>
        states.indexOf(stateOf(one)) - states.indexOf(stateOf(other)) ||
        Date.parse(one.muster.state_since) - Date.parse(other.muster.state_since),
    load: (one, other) => other.muster.load - one.muster.load,
};

export const shown = (agents: Listed[], wish: Wish): Listed[] =>
    agents
        .filter((agent) => fits(agent, wish))
        .sort((one, other) => compare[wish.order]?.(one, other) || byName(one, other));
