import type { Hours } from '../wire';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LOOK_AHEAD = 14;

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/**
 * When somebody is there next: `now` itself while they are, null for not in the next two weeks.
 * `offset`: minutes that the clock on their wall is ahead of UTC.
 */
export function nextOpening(hours: Hours, offset: number, now: number): number | null {
    if (hours.is_always_open) return now;
    const wall = now + offset * MINUTE;
    const today = Math.floor(wall / DAY);
    for (let day = today - 1; day <= today + LOOK_AHEAD; day++) {
        const date = new Date(day * DAY);
        const span = hours.hours[date.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })];
        if (!span || hours.holidays.some((holiday) => holiday.date === date.toISOString().slice(0, 10))) continue;
        const open = minutes(span.open);
        const close = minutes(span.close);
        const from = day * DAY + open * MINUTE;
        const to = day * DAY + close * MINUTE + (close < open ? DAY : 0);
        if (wall < to) return Math.max(from, wall) - offset * MINUTE;
    }
    return null;
}
