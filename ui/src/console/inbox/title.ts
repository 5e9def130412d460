import { desk } from '../state/desk.svelte';
import { session } from '../state/session.svelte';
import type { Source } from '../state/sources';
import { t } from '../text';

export function sourceTitle(source: Source): string {
    if (source.kind === 'team') {
        const team = desk.team(source.id) ?? session.me?.teams.find((one) => one.id === source.id);
        return team?.name ?? t('nav.teamInboxes');
    }
    if (source.kind === 'view') return desk.views.find((view) => view.id === source.id)?.name ?? t('nav.views');
    return t(`nav.${source.kind}`);
}
