import { expect, test, vi } from 'vitest';
import { shown, type Listed, type Wish } from './listed';

vi.mock('../../state/desk.svelte', () => ({ personName: ({ first_name }: Listed) => first_name }));

const agent = (first_name: string, given: Partial<Listed> & { load?: number; locked?: boolean } = {}): Listed =>
    ({
        first_name,
        last_name: '',
        email: `${first_name.toLowerCase()}@example.org`,
        enabled: true,
        availability_status: 'online',
        ...given,
        muster: {
            load: given.load ?? 0,
            locked: given.locked ?? false,
            state_since: '2026-01-01T00:00:00Z',
            roles: ['Agent'],
            teams: [{ id: first_name.length, name: '', emoji: null }],
        },
    }) as Listed;
const agents = [
    agent('Kim', { load: 2 }),
    agent('Amelie', { availability_status: 'away' }),
    agent('Ben', { enabled: false }),
    agent('Cleo', { load: 5, locked: true }),
];
const everybody: Wish = { words: '', team: '', role: '', state: '', order: 'name' };
const names = (wish: Partial<Wish>) => shown(agents, { ...everybody, ...wish }).map((one) => one.first_name);

test('a list is in the order of names, unless another one is asked for', () => {
    expect(names({})).toEqual(['Amelie', 'Ben', 'Cleo', 'Kim']);
    expect(names({ order: 'load' })).toEqual(['Cleo', 'Kim', 'Amelie', 'Ben']);
    expect(names({ order: 'state' })).toEqual(['Kim', 'Amelie', 'Cleo', 'Ben']);
});

test('every word has to be in the name or the address', () => {
    expect(names({ words: 'E example.org' })).toEqual(['Amelie', 'Ben', 'Cleo', 'Kim']);
    expect(names({ words: 'en example' })).toEqual(['Ben']);
});

test('who is locked or closed is not online', () => {
    expect(names({ state: 'online' })).toEqual(['Kim']);
    expect(names({ state: 'locked' })).toEqual(['Cleo']);
    expect(names({ state: 'closed' })).toEqual(['Ben']);
});

test('a list is cut down to a team and a role', () => {
    expect(names({ team: '3' })).toEqual(['Ben', 'Kim']);
    expect(names({ role: 'Admin' })).toEqual([]);
});
