import { beforeEach, expect, test } from 'vitest';
import { storage } from './storage';

let kept: Record<string, string>;
const open = (): globalThis.Storage =>
    Object.defineProperties(kept, {
        getItem: { configurable: true, value: (key: string) => kept[key] ?? null },
        setItem: { configurable: true, value: (key: string, value: string) => (kept[key] = value) },
        removeItem: { configurable: true, value: (key: string) => delete kept[key] },
    }) as unknown as globalThis.Storage;

beforeEach(() => (kept = { other: '1' }));

test('what is hidden is known to this page and to no other', () => {
    storage('a:', open).write('drafts', 'mine');
    const store = storage('a:', open);
    store.hide();
    store.write('answers', 'mine too');
    expect([store.read('drafts'), store.read('answers')]).toEqual(['mine', 'mine too']);
    expect(kept).toEqual({ other: '1' });
});

test('once cleared it is empty and lasts again', () => {
    const store = storage('a:', open);
    store.hide();
    store.write('drafts', 'mine');
    store.clear();
    expect(store.read('drafts')).toBeNull();
    store.write('drafts', 'yours');
    expect(storage('a:', open).read('drafts')).toBe('yours');
});
