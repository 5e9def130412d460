import { api, take } from '../../api/client';
import { t } from '../text';
import { desk, personName } from './desk.svelte';
import { session } from './session.svelte';
import type { Thread } from './thread.svelte';
import { toasts } from './toasts.svelte';

const path = (thread: Thread) => ({ params: { path: { uuid: thread.uuid } } });

export async function setStatus(thread: Thread, status: string, snoozedUntil?: string) {
    const body = { status, ...(snoozedUntil ? { snoozed_until: snoozedUntil } : {}) };
    const done = await thread.change({ status, status_category: desk.category(status) }, () =>
        take(api.PUT('/api/v1/conversations/{uuid}/status', { ...path(thread), body })),
    );
    if (done) toasts.say(t('done.status', { status }));
}

export function assignUser(thread: Thread, id: number | null) {
    const expected = thread.conversation?.assigned_user_id ?? null;
    return thread.change({ assigned_user_id: id }, () =>
        id === null
            ? take(api.PUT('/api/v1/conversations/{uuid}/assignee/user/remove', path(thread)))
            : take(
                  api.PUT('/api/v1/conversations/{uuid}/assignee/user', {
                      ...path(thread),
                      body: { assignee_id: id, expected_assignee_id: expected },
                  }),
              ),
    );
}

export async function takeOver(thread: Thread) {
    const me = session.me;
    if (me && (await assignUser(thread, me.id))) toasts.say(t('done.taken', { name: personName(me) }));
}

export function assignTeam(thread: Thread, id: number | null) {
    return thread.change({ assigned_team_id: id }, () =>
        id === null
            ? take(api.PUT('/api/v1/conversations/{uuid}/assignee/team/remove', path(thread)))
            : take(
                  api.PUT('/api/v1/conversations/{uuid}/assignee/team', { ...path(thread), body: { assignee_id: id } }),
              ),
    );
}

export function setPriority(thread: Thread, priority: string) {
    return thread.change({ priority }, () =>
        take(api.PUT('/api/v1/conversations/{uuid}/priority', { ...path(thread), body: { priority } })),
    );
}

export function setTags(thread: Thread, tags: string[]) {
    return thread.change({ tags }, () =>
        take(api.POST('/api/v1/conversations/{uuid}/tags', { ...path(thread), body: { tags, action: 'set_tags' } })),
    );
}

export async function markUnread(thread: Thread) {
    try {
        await take(api.PUT('/api/v1/conversations/{uuid}/mark-unread', path(thread)));
        toasts.say(t('done.unread'));
    } catch (failure) {
        toasts.failed(failure);
    }
}
