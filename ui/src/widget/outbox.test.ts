import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Refused } from './api';
import { outbox, type Unsent } from './outbox';

const item = (echo: string): Unsent => ({ echo, chat: 'c', text: echo });
const refused = (given: Partial<Refused>) =>
    Object.assign(new Error('no'), { isPassing: false, isUnsure: false, retryAfter: 0, ...given });

let online = true;
beforeEach(() => {
    online = true;
    vi.useFakeTimers();
    vi.stubGlobal('navigator', {
        get onLine() {
            return online;
        },
    });
});
afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

test('messages go one after the other, in the order in which they were written', async () => {
    const sent: string[] = [];
    const box = outbox(
        [item('1')],
        () => false,
        async ({ echo }) => void sent.push(echo),
        () => {},
    );
    box.add(item('2'), item('3'));
    await vi.runAllTimersAsync();
    expect(sent).toEqual(['1', '2', '3']);
    expect(box.items).toEqual([]);
});

test('what fails for a while is sent again under its own name, and nothing overtakes it', async () => {
    const sent: string[] = [];
    const box = outbox(
        [],
        () => false,
        async ({ echo }) => {
            sent.push(echo);
            if (sent.length < 3) throw refused({ isPassing: true, isUnsure: true });
        },
        () => {},
    );
    box.add(item('1'), item('2'));
    await vi.runAllTimersAsync();
    expect(sent).toEqual(['1', '1', '1', '2']);
});

test('what the desk refuses stays with its reason until somebody tries again', async () => {
    let isRefused = true;
    const box = outbox(
        [],
        () => false,
        async () => {
            if (isRefused) throw refused({});
        },
        () => {},
    );
    const first = item('1');
    box.add(first);
    await vi.runAllTimersAsync();
    expect(box.items).toEqual([{ ...item('1'), failure: { message: 'no', isUnsure: false } }]);
    isRefused = false;
    box.retry(first);
    await vi.runAllTimersAsync();
    expect(box.items).toEqual([]);
});

test('what may have arrived and would be done twice is not sent again by itself', async () => {
    const deliver = vi.fn(async () => {
        throw refused({ isPassing: true, isUnsure: true });
    });
    const box = outbox(
        [],
        () => true,
        deliver,
        () => {},
    );
    box.add(item('1'));
    await vi.runAllTimersAsync();
    expect(deliver).toHaveBeenCalledTimes(1);
    expect(box.items[0]?.failure?.isUnsure).toBe(true);
});

test('without a network nothing is tried', async () => {
    online = false;
    const deliver = vi.fn(async () => {});
    const box = outbox(
        [],
        () => false,
        deliver,
        () => {},
    );
    box.add(item('1'));
    await vi.runAllTimersAsync();
    expect(deliver).not.toHaveBeenCalled();
    online = true;
    await box.flush();
    expect(deliver).toHaveBeenCalledTimes(1);
});
