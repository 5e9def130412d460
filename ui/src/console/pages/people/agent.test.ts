import { expect, test, vi } from 'vitest';

vi.hoisted(() =>
    vi.stubGlobal(
        '$state',
        Object.assign((value: unknown) => value, { raw: (value: unknown) => value }),
    ),
);
const desk = vi.hoisted(() => ({ GET: vi.fn(), PUT: vi.fn() }));
vi.mock('../../../api/client', () => ({ api: desk, take: (call: Promise<unknown>) => call }));
vi.mock('../../state/desk.svelte', () => ({}));
vi.mock('../../state/session.svelte', () => ({}));
vi.mock('../../state/toasts.svelte', () => ({}));

const { changeAgent, withSkill } = await import('./agent.svelte');

test('two changes at once both hold', async () => {
    let skills: { id: number; level: number }[] = [];
    const soon = () => new Promise((done) => setTimeout(done));
    desk.GET.mockImplementation(async () => {
        const muster = { skills };
        await soon();
        return { first_name: 'Kim', email: 'kim@example.org', roles: [], muster };
    });
    desk.PUT.mockImplementation(async (_, { body }) => {
        await soon();
        skills = body.muster.skills;
    });
    await Promise.all([
        changeAgent(7, (fresh) => withSkill(fresh, 1, 40)),
        changeAgent('7', (fresh) => withSkill(fresh, 2, 60)),
    ]);
    expect(skills).toEqual([
        { id: 1, level: 40 },
        { id: 2, level: 60 },
    ]);
});

test('a change that is refused does not hold up the next one', async () => {
    desk.GET.mockResolvedValue({ first_name: 'Kim', email: null, roles: [] });
    desk.PUT.mockRejectedValueOnce(new Error('No')).mockResolvedValueOnce('changed');
    const [refused, done] = await Promise.allSettled([changeAgent(7, () => ({})), changeAgent(7, () => ({}))]);
    expect(refused.status).toBe('rejected');
    expect(done).toEqual({ status: 'fulfilled', value: 'changed' });
});
