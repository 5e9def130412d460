import { beforeEach, expect, test, vi } from 'vitest';
import type { Outgoing } from './outbox.svelte';

const desk = vi.hoisted(() => {
    vi.stubGlobal('$state', (value: unknown) => value);
    return { kept: [] as unknown[], POST: vi.fn(), PUT: vi.fn(), pass: vi.fn(), lift: vi.fn(), forget: vi.fn() };
});
vi.mock('../../api/client', () => ({ api: desk, take: (call: Promise<unknown>) => call }));
vi.mock('./store', () => ({
    store: { read: () => desk.kept, write: (_: string, kept: unknown[]) => (desk.kept = structuredClone(kept)) },
}));
vi.mock('./drafts.svelte', () => ({ drafts: desk }));
vi.mock('./composer.svelte', () => ({ composer: {} }));
vi.mock('./opened.svelte', () => ({ opened: { thread: null } }));
vi.mock('./toasts.svelte', () => ({ reason: String, toasts: { say: () => {} } }));

const letter = (given: Partial<Outgoing> = {}): Outgoing => ({
    echo: 'e',
    uuid: 'c',
    html: '<p>Hello</p>',
    text: 'Hello',
    private: false,
    files: [],
    mentions: [],
    resolve: false,
    at: new Date().toISOString(),
    phase: 'waiting',
    problem: '',
    ...given,
});
const fresh = async () => {
    vi.resetModules();
    return (await import('./outbox.svelte')).outbox;
};

beforeEach(() => {
    vi.resetAllMocks();
    desk.kept = [];
    desk.POST.mockResolvedValue({});
    desk.PUT.mockResolvedValue(true);
});

test('what was on its way when the page was closed goes out again under its own echo, and is resolved', async () => {
    desk.kept = [letter({ phase: 'sending', resolve: true }), letter({ echo: 'refused', phase: 'failed' })];
    const outbox = await fresh();
    outbox.start();
    await vi.waitFor(() => expect(desk.PUT).toHaveBeenCalledOnce());
    expect(desk.POST.mock.calls.map(([, request]) => request.body.echo_id)).toEqual(['e']);
    expect(desk.forget).toHaveBeenCalledOnce();
    expect(outbox.letters.map(({ echo }) => echo)).toEqual(['refused']);
});

test('its frame settles a letter whose answer was lost, once', async () => {
    desk.POST.mockRejectedValue(new Error('lost'));
    desk.kept = [letter({ resolve: true })];
    const outbox = await fresh();
    outbox.start();
    await vi.waitFor(() => expect(outbox.letters[0]?.phase).toBe('failed'));
    await Promise.all([outbox.settle('e'), outbox.settle('e'), outbox.settle('other')]);
    expect(desk.PUT).toHaveBeenCalledOnce();
    expect(desk.kept).toEqual([]);
});

test('a letter that could not leave with the page waits for the next visit', async () => {
    desk.POST.mockRejectedValue(new Error('more than a browser lets go'));
    desk.kept = [];
    const outbox = await fresh();
    const { uuid, html, text, files, mentions, resolve } = letter();
    outbox.send({ uuid, html, text, private: false, files, mentions, resolve });
    outbox.sendAll(true);
    await vi.waitFor(() => expect(outbox.letters[0]?.phase).toBe('waiting'));
    expect(desk.POST.mock.calls[0]?.[1].keepalive).toBe(true);
    expect(desk.kept).toMatchObject([{ phase: 'waiting' }]);
});

test('a letter that lay for long is left to its author', async () => {
    desk.kept = [letter({ phase: 'sending', at: '2026-01-01T00:00:00Z' })];
    const outbox = await fresh();
    outbox.start();
    expect(outbox.letters).toMatchObject([{ phase: 'failed', echo: 'e' }]);
    expect(desk.POST).not.toHaveBeenCalled();
    await outbox.now('e');
    expect(outbox.letters).toEqual([]);
});

test('a page leaves alone what another page of the same agent has on its way', async () => {
    const outbox = await fresh();
    outbox.start();
    desk.kept = [letter({ echo: 'of another page' })];
    const { uuid, html, text, files, mentions, resolve } = letter();
    outbox.send({ uuid, html, text, private: false, files, mentions, resolve });
    expect(desk.kept).toMatchObject([{ echo: 'of another page' }, { html }]);
    await outbox.now(outbox.letters[0]?.echo ?? '');
    expect(desk.kept).toMatchObject([{ echo: 'of another page' }]);
});
