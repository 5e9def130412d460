import { expect, test } from 'vitest';
import type { Hours } from '../wire';
import { nextOpening } from './hours';

const at = (text: string): number => Date.parse(text);
const hours = (given: Partial<Hours>): Hours =>
    ({
        is_always_open: false,
        hours: { Monday: { open: '09:00', close: '17:00' }, Friday: { open: '22:00', close: '02:00' } },
        holidays: [],
        ...given,
    }) as Hours;

test('somebody is there now, later, or at the next opening', () => {
    // A Monday.
    expect(nextOpening(hours({}), 0, at('2026-01-05T10:00Z'))).toBe(at('2026-01-05T10:00Z'));
    expect(nextOpening(hours({}), 0, at('2026-01-05T08:00Z'))).toBe(at('2026-01-05T09:00Z'));
    expect(nextOpening(hours({}), 0, at('2026-01-05T17:00Z'))).toBe(at('2026-01-09T22:00Z'));
});

test('a night shift goes on after midnight', () => {
    expect(nextOpening(hours({}), 0, at('2026-01-10T01:30Z'))).toBe(at('2026-01-10T01:30Z'));
    expect(nextOpening(hours({}), 0, at('2026-01-10T02:00Z'))).toBe(at('2026-01-12T09:00Z'));
});

test('their clock counts, not the reader’s', () => {
    expect(nextOpening(hours({}), 60, at('2026-01-05T08:30Z'))).toBe(at('2026-01-05T08:30Z'));
    expect(nextOpening(hours({}), -300, at('2026-01-05T10:00Z'))).toBe(at('2026-01-05T14:00Z'));
});

test('a holiday opens nothing', () => {
    const holidays = [{ name: 'Holiday', date: '2026-01-05' }] as Hours['holidays'];
    expect(nextOpening(hours({ holidays }), 0, at('2026-01-05T10:00Z'))).toBe(at('2026-01-09T22:00Z'));
});

test('always and never', () => {
    expect(nextOpening(hours({ is_always_open: true }), 0, 7)).toBe(7);
    expect(nextOpening(hours({ hours: {} }), 0, 7)).toBeNull();
});
