import type { Schemas } from '../../../api/client';
import type { Key } from '../../text';

type Agent = Schemas['UserCompact'];

/** States in the order of how near they are to taking work, with their names. */
const STATES: [string, Key][] = [
    ['ready', 'presence.online'],
    ['wrap_up', 'presence.wrapUp'],
    ['idle', 'presence.away'],
    ['paused', 'presence.away_manual'],
    ['reassigning', 'presence.away_and_reassigning'],
];
const ELSE = 'presence.offline';

/** How many more conversations somebody has room for; null: no limit. */
export const room = ({ muster: { load, capacity } }: Agent): number | null =>
    capacity === null ? null : Math.max(0, capacity - load);

const byRoom = (one: Agent, other: Agent): number =>
    (room(other) ?? Infinity) - (room(one) ?? Infinity) || one.muster.load - other.muster.load;

const byName = (one: Agent, other: Agent): number =>
    `${one.first_name} ${one.last_name}`.localeCompare(`${other.first_name} ${other.last_name}`);

/** Agents by state; those with the most room first. */
export function byState(agents: readonly Agent[]): { state: Key; agents: Agent[] }[] {
    const nameOf = ({ muster }: Agent) => STATES.find(([word]) => word === muster.state)?.[1] ?? ELSE;
    return [...STATES.map(([, key]) => key), ELSE as Key]
        .map((state) => ({
            state,
            agents: agents
                .filter((agent) => nameOf(agent) === state)
                .sort((one, other) => (state === ELSE ? 0 : byRoom(one, other) || 0) || byName(one, other)),
        }))
        .filter(({ agents: found }) => found.length > 0);
}
