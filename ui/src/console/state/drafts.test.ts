import { beforeEach, expect, test, vi } from 'vitest';

const desk = vi.hoisted(() => ({
    kept: {} as Record<string, unknown>,
    GET: vi.fn(),
    POST: vi.fn(),
    DELETE: vi.fn(),
}));
vi.mock('../../api/client', () => ({ api: desk, take: (call: Promise<unknown>) => call }));
vi.mock('./store', () => ({
    store: {
        read: (name: string, otherwise: unknown) => desk.kept[name] ?? otherwise,
        write: (name: string, kept: unknown) => (desk.kept[name] = kept),
    },
}));

const draft = (content: string, meta = {}) => ({ conversation_uuid: 'c', type: 'reply', content, meta });
const file = { id: 7, name: 'plan.pdf', size: 12 };
const fresh = async () => {
    vi.resetModules();
    return (await import('./drafts.svelte')).drafts;
};

beforeEach(() => {
    vi.useFakeTimers();
    vi.resetAllMocks();
    desk.kept = {};
    desk.GET.mockResolvedValue([]);
    desk.POST.mockResolvedValue({});
    desk.DELETE.mockResolvedValue(true);
});

test('a draft of the desk that comes late is put before what was typed, and nothing is saved until then', async () => {
    let answer = (_: unknown) => {};
    desk.GET.mockReturnValue(new Promise((done) => (answer = done)));
    const drafts = await fresh();
    drafts.start();
    drafts.write('c', 'reply', { html: '<p>new</p>' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(desk.POST).not.toHaveBeenCalled();

    answer([draft('<p>old</p>')]);
    await vi.advanceTimersByTimeAsync(0);
    expect(drafts.of('c', 'reply').html).toBe('<p>old</p><p>new</p>');
    expect(drafts.fills('c', 'reply')).toBe(1);
    expect(desk.POST.mock.calls[0]?.[1].body.content).toBe('<p>old</p><p>new</p>');
});

test('drafts that could not be asked for are asked for again', async () => {
    desk.GET.mockRejectedValueOnce(new Error('no network')).mockResolvedValue([draft('<p>old</p>')]);
    const drafts = await fresh();
    drafts.start();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(drafts.of('c', 'reply').html).toBe('<p>old</p>');
});

test('files are kept with the draft, here and at the desk, and come back', async () => {
    const drafts = await fresh();
    drafts.start();
    await vi.advanceTimersByTimeAsync(0);
    drafts.attach('c', 'reply', file);
    expect(desk.kept.unsent).toEqual({ 'c reply': { html: '', files: [file] } });
    await vi.advanceTimersByTimeAsync(1_000);
    const { meta } = desk.POST.mock.calls[0]?.[1].body;

    desk.GET.mockResolvedValue([draft('', { attachments: [...meta.attachments, 'odd'] })]);
    const later = await fresh();
    later.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(later.of('c', 'reply').files).toEqual([file]);
});

test('the draft of a message on its way is not shown beside it', async () => {
    desk.GET.mockResolvedValue([draft('<p>sent</p>')]);
    const drafts = await fresh();
    drafts.start();
    drafts.pass('c', 'reply');
    await vi.advanceTimersByTimeAsync(0);
    expect(drafts.has('c')).toBe(false);
    await drafts.forget('c', 'reply');
    expect(desk.DELETE).toHaveBeenCalledOnce();
});

test('a page leaves alone what another page of the same agent has kept', async () => {
    const drafts = await fresh();
    drafts.start();
    await vi.advanceTimersByTimeAsync(0);
    const others = { 'd reply': { html: '<p>of another page</p>', files: [] } };
    desk.kept = { unsent: others };
    drafts.write('c', 'reply', { html: '<p>typed here</p>' });
    expect(desk.kept.unsent).toMatchObject({ ...others, 'c reply': { html: '<p>typed here</p>' } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(desk.kept.unsent).toEqual(others);
});
