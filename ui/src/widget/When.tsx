import { LOCALE } from './texts';

const time = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });

export function When({ at }: { at: string }) {
    const date = new Date(at);
    const isToday = date.toDateString() === new Date().toDateString();
    return <time dateTime={at}>{isToday ? time.format(date) : `${day.format(date)}, ${time.format(date)}`}</time>;
}
