import { api, take, type Schemas } from '../../api/client';
import { browser } from './browser';
import { chime } from './chime';
import { toasts } from './toasts.svelte';

type Notice = Schemas['Notification'];

const SOUND = 'muster.sound';

/** Some browsers know notifications of service workers alone, and throw. */
function onDesktop(title: string, options: NotificationOptions): Notification | null {
    try {
        return new Notification(title, options);
    } catch {
        return null;
    }
}

/** What concerns the agent: assignments and mentions, with a sound and, where allowed, a note on the desktop. */
class Notices {
    list = $state.raw<Notice[]>([]);
    unread = $state(0);
    sound = $state(browser.read(SOUND) !== 'off');
    desktop = $state<NotificationPermission>('Notification' in window ? Notification.permission : 'denied');

    async load() {
        try {
            const [list, stats] = await Promise.all([
                take(api.GET('/api/v1/notifications', { params: { query: { limit: 30 } } })),
                take(api.GET('/api/v1/notifications/stats')),
            ]);
            this.list = list;
            this.unread = stats.unread_count;
        } catch (failure) {
            toasts.failed(failure);
        }
    }

    heard(notice: Notice) {
        if (this.list.some((known) => known.id === notice.id)) return;
        this.list = [notice, ...this.list];
        this.unread++;
        this.ring(notice.title, notice.body ?? '', notice.conversation_uuid);
    }

    ring(title: string, text: string, uuid: string | null) {
        if (this.sound) chime();
        if (this.desktop !== 'granted' || document.hasFocus()) return;
        const shown = onDesktop(title, { body: text, tag: uuid ?? title });
        if (!shown) return;
        shown.onclick = () => {
            window.focus();
            if (uuid) history.pushState(null, '', `/inboxes/assigned/conversation/${uuid}`);
            dispatchEvent(new PopStateEvent('popstate'));
            shown.close();
        };
    }

    async askDesktop() {
        this.desktop = await Notification.requestPermission();
    }

    setSound(on: boolean) {
        this.sound = on;
        browser.write(SOUND, on ? 'on' : 'off');
        if (on) chime();
    }

    async read(notice: Notice) {
        if (notice.is_read) return;
        this.#mark((one) => one.id === notice.id);
        try {
            await take(api.PUT('/api/v1/notifications/{id}/read', { params: { path: { id: String(notice.id) } } }));
        } catch (failure) {
            toasts.failed(failure);
            void this.load();
        }
    }

    readAbout(uuid: string) {
        for (const notice of this.list) if (notice.conversation_uuid === uuid) void this.read(notice);
    }

    async readAll() {
        this.#mark(() => true);
        this.unread = 0;
        try {
            await take(api.PUT('/api/v1/notifications/read-all'));
        } catch (failure) {
            toasts.failed(failure);
            void this.load();
        }
    }

    #mark(which: (notice: Notice) => boolean) {
        const marked = this.list.filter((notice) => !notice.is_read && which(notice)).length;
        this.list = this.list.map((notice) => (which(notice) ? { ...notice, is_read: true } : notice));
        this.unread = Math.max(0, this.unread - marked);
    }
}

export const notices = new Notices();
