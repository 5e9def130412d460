import { LOCALE } from './texts';

export function When({ at }: { at: string }) {
    const date = new Date(at);
    const isToday = date.toDateString() === new Date().toDateString();
    return (
        <time dateTime={at} dir="auto">
            {date.toLocaleString(LOCALE, { timeStyle: 'short', ...(!isToday && { dateStyle: 'medium' }) })}
        </time>
    );
}
