import { expect, test } from 'vitest';
import type { Schemas } from '../../../api/client';
import { byState, room } from './queueGroups';

const agent = (first_name: string, state: string, load = 0, capacity: number | null = 5): Schemas['UserCompact'] =>
    ({ first_name, last_name: '', muster: { state, load, capacity } }) as Schemas['UserCompact'];

test('agents stand by state, whoever has most room first', () => {
    const groups = byState([
        agent('Amy', 'paused'),
        agent('Ben', 'ready', 5),
        agent('Cleo', 'ready', 1),
        agent('Dan', 'ready', 3, null),
        agent('Eve', 'declared'),
        agent('Fay', 'offline'),
    ]);
    expect(groups.map(({ state, agents }) => [state, ...agents.map(({ first_name }) => first_name)])).toEqual([
        ['presence.online', 'Dan', 'Cleo', 'Ben'],
        ['presence.away_manual', 'Amy'],
        ['presence.offline', 'Eve', 'Fay'],
    ]);
});

test('nobody has room for less than nothing', () => {
    expect(room(agent('Ben', 'ready', 7))).toBe(0);
    expect(room(agent('Dan', 'ready', 7, null))).toBeNull();
});
