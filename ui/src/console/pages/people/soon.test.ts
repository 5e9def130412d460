import { expect, test, vi } from 'vitest';
import type { Frame } from '../../state/socket.svelte';

const socket = vi.hoisted(() => ({ tell: (_: Frame) => {} }));
vi.mock('../../state/socket.svelte', () => ({
    socket: {
        hear: (hearer: (frame: Frame) => void) => {
            socket.tell = hearer;
            return () => (socket.tell = () => {});
        },
    },
}));

const { loadsAnew } = await import('./soon');

test('one look after another, and one more for what was told during the last', async () => {
    vi.useFakeTimers();
    const ends: (() => void)[] = [];
    const load = vi.fn(() => new Promise<void>((end) => ends.push(end)));
    const end = loadsAnew(({ type }) => type === 'told', load);
    const told = { type: 'told', data: null };
    socket.tell(told);
    socket.tell({ type: 'other', data: null });
    await vi.runAllTimersAsync();
    expect(load).toHaveBeenCalledTimes(1);
    socket.tell(told);
    await vi.runAllTimersAsync();
    expect(load).toHaveBeenCalledTimes(1);
    ends[0]?.();
    await vi.runAllTimersAsync();
    expect(load).toHaveBeenCalledTimes(2);
    socket.tell(told);
    end();
    ends[1]?.();
    await vi.runAllTimersAsync();
    expect(load).toHaveBeenCalledTimes(2);
});
