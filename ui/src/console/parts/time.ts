import { locale } from '../text';

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' });
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const whole = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });

export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const atClock = (at: string) => clock.format(new Date(at));
export const atWhole = (at: string) => whole.format(new Date(at));
export const onDay = (at: string) => weekday.format(new Date(at));
export const sameDay = (one: string, other: string) => new Date(one).toDateString() === new Date(other).toDateString();

export const soonAfter = (one: string, other: string) => Date.parse(other) - Date.parse(one) < 5 * MINUTE;

/** "5 min. ago", then the day. */
export function ago(at: string, now: number): string {
    const passed = now - Date.parse(at);
    if (passed < MINUTE) return relative.format(0, 'second');
    if (passed < HOUR) return relative.format(-Math.floor(passed / MINUTE), 'minute');
    if (passed < DAY) return relative.format(-Math.floor(passed / HOUR), 'hour');
    if (passed < 7 * DAY) return relative.format(-Math.floor(passed / DAY), 'day');
    const date = new Date(at);
    return (date.getFullYear() === new Date(now).getFullYear() ? day : dayAndYear).format(date);
}

/** "2 h 05 min": how long something lasts. */
export function lasting(milliseconds: number): string {
    const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
    return `${Math.floor(hours / 24)} d`;
}
