import { nextOpening } from './hours';
import { LOCALE } from '../texts';
import { say } from './texts';
import type { Known } from '../chat';
import type { Settings } from '../wire';

/** That nobody is there, where the inbox says its hours; else nothing. */
export function hoursText(settings: Settings, chat?: Known): string {
    if (chat?.assignee && !settings.show_office_hours_after_assignment) return '';
    const id = chat?.business_hours_id ?? settings.default_business_hours_id;
    const hours = settings.business_hours?.find((some) => some.id === id);
    if (!hours) return '';
    const offset = chat?.working_hours_utc_offset ?? settings.working_hours_utc_offset ?? 0;
    const now = Date.now();
    const next = nextOpening(hours, offset, now);
    if (next === now) return '';
    if (!next) return say('closed');
    const when = new Date(next).toLocaleString(LOCALE, { weekday: 'long', hour: 'numeric', minute: 'numeric' });
    return say('closedUntil', { when });
}
