import { LOCALE } from './texts';

const today = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'short' });
const before = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });

export function When({ at }: { at: string }) {
    const date = new Date(at);
    const isToday = date.toDateString() === new Date().toDateString();
    return <time dateTime={at}>{(isToday ? today : before).format(date)}</time>;
}
