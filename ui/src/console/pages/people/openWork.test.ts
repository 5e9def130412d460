import { beforeEach, expect, test, vi } from 'vitest';

const desk = vi.hoisted(() => ({ GET: vi.fn(), PUT: vi.fn() }));
vi.mock('../../../api/client', () => ({
    api: desk,
    take: (call: Promise<unknown>) => call,
    Refusal: class extends Error {},
}));
vi.mock('../../state/desk.svelte', () => ({ desk: { withStatus: () => ({}) } }));
vi.mock('../../state/toasts.svelte', () => ({ reason: (failure: Error) => failure.message }));

const { handOver } = await import('./openWork');

const BEN = 2;
const CLEO = 3;
let held: string[];

beforeEach(() => {
    vi.resetAllMocks();
    held = ['a', 'b', 'c'];
    desk.GET.mockImplementation(async () => ({
        results: held.slice(0, 2).map((uuid) => ({ uuid })),
        total: held.length,
    }));
    desk.PUT.mockImplementation(async (_, { params }) => {
        held = held.filter((uuid) => uuid !== params.path.uuid);
    });
});

test('all is given, however much there is, and only what the agent still has', async () => {
    await handOver(BEN, CLEO);
    expect(held).toEqual([]);
    expect(desk.PUT).toHaveBeenCalledTimes(3);
    for (const [, { body }] of desk.PUT.mock.calls) {
        expect(body).toEqual({ assignee_id: CLEO, expected_assignee_id: BEN });
    }
});

test('what somebody else took meanwhile is theirs', async () => {
    desk.PUT.mockImplementation(async () => {
        held = [];
        throw new Error('Not theirs any more');
    });
    await expect(handOver(BEN, CLEO)).resolves.toBeUndefined();
});

test('it ends when no more can be given, and says how many are left', async () => {
    const give = desk.PUT.getMockImplementation();
    desk.PUT.mockImplementation(async (path, options) => {
        if (options.params.path.uuid !== 'a') throw new Error('No room');
        await give?.(path, options);
    });
    await expect(handOver(BEN, CLEO)).rejects.toThrow(/2 .*No room/);
    expect(held).toEqual(['b', 'c']);
});
