import { api, Refusal, take, type Schemas } from '../../api/client';
import { reason, toasts } from './toasts.svelte';

type Conversation = Schemas['Conversation'];
type Message = Schemas['Message'];
export type Viewer = { id: number; first_name: string; last_name: string; avatar_url: string | null };

const PAGE = 40;
const TYPING_FOR = 8_000;
const SOON = 120;
const SEEN_AFTER = 400;

/** One conversation on the screen: what it is, what was said, who else is there. */
export class Thread {
    conversation = $state.raw<Conversation | null>(null);
    messages = $state.raw<Message[]>([]);
    phase = $state<'loading' | 'ready' | 'failed' | 'gone'>('loading');
    problem = $state('');
    earlier = $state<'none' | 'some' | 'loading'>('none');
    viewers = $state.raw<Viewer[]>([]);
    contactTypes = $state(false);
    routing = $state.raw<Schemas['Routing'] | null>(null);

    #soon: ReturnType<typeof setTimeout> | undefined;
    #seen: ReturnType<typeof setTimeout> | undefined;
    #left = false;
    #typing: ReturnType<typeof setTimeout> | undefined;

    constructor(readonly uuid: string) {}

    readonly #path = () => ({ params: { path: { uuid: this.uuid } } });

    load() {
        return this.#load(false);
    }

    /** Frames were missed: between what is here and the last page there may be messages that nobody asked for. */
    loadAnew() {
        return this.#load(true);
    }

    /** Off the screen. */
    leave() {
        this.#left = true;
        clearTimeout(this.#soon);
        clearTimeout(this.#typing);
        clearTimeout(this.#seen);
    }

    async #load(anew: boolean) {
        this.phase = this.conversation ? 'ready' : 'loading';
        try {
            const query = { page: 1, page_size: PAGE };
            const [conversation, page] = await Promise.all([
                take(api.GET('/api/v1/conversations/{uuid}', this.#path())),
                take(
                    api.GET('/api/v1/conversations/{uuid}/messages', { params: { path: { uuid: this.uuid }, query } }),
                ),
            ]);
            this.conversation = conversation;
            if (anew) this.messages = [];
            this.#take(page.results);
            this.earlier = this.messages.length < page.total ? 'some' : 'none';
            this.phase = 'ready';
            this.seen();
            void this.loadRouting();
        } catch (failure) {
            this.problem = reason(failure);
            const refused = failure instanceof Refusal && (failure.status === 403 || failure.status === 404);
            this.phase = refused ? 'gone' : 'failed';
        }
    }

    async loadEarlier() {
        if (this.earlier !== 'some') return;
        this.earlier = 'loading';
        const page = Math.floor(this.messages.length / PAGE) + 1;
        try {
            const query = { page, page_size: PAGE };
            const found = await take(
                api.GET('/api/v1/conversations/{uuid}/messages', { params: { path: { uuid: this.uuid }, query } }),
            );
            this.#take(found.results);
            this.earlier = this.messages.length < found.total && found.results.length > 0 ? 'some' : 'none';
        } catch (failure) {
            this.earlier = 'some';
            toasts.failed(failure);
        }
    }

    async loadRouting() {
        try {
            this.routing = await take(api.GET('/api/v1/conversations/{uuid}/routing', this.#path()));
        } catch {
            this.routing = null;
        }
    }

    /** Marks it as seen if it stays on the screen for a moment. */
    seen() {
        clearTimeout(this.#seen);
        if (!this.#left) this.#seen = setTimeout(() => void this.#markSeen(), SEEN_AFTER);
    }

    async #markSeen() {
        if (document.visibilityState !== 'visible') return;
        try {
            await take(api.PUT('/api/v1/conversations/{uuid}/last-seen', this.#path()));
        } catch {
            // It stays unread, and the next look tries again.
        }
    }

    async heardMessage(messageUuid: string) {
        try {
            const params = { path: { uuid: this.uuid, message_uuid: messageUuid } };
            this.add(await take(api.GET('/api/v1/conversations/{uuid}/messages/{message_uuid}', { params })));
        } catch {
            void this.load();
        }
    }

    add(message: Message) {
        this.#take([message]);
        if (message.sender_type === 'contact') this.contactTypes = false;
    }

    heardTyping(types: boolean) {
        clearTimeout(this.#typing);
        this.contactTypes = types;
        if (types) this.#typing = setTimeout(() => (this.contactTypes = false), TYPING_FOR);
    }

    /** Frames name only what changed; the whole is asked for, once for many of them. */
    refreshSoon() {
        this.#soon ??= setTimeout(async () => {
            this.#soon = undefined;
            try {
                this.conversation = await take(api.GET('/api/v1/conversations/{uuid}', this.#path()));
                void this.loadRouting();
            } catch (failure) {
                if (failure instanceof Refusal && failure.status === 403) this.phase = 'gone';
            }
        }, SOON);
    }

    /** Shows a change at once; what the desk refuses is put back and said. */
    async change(shown: Partial<Conversation>, call: () => Promise<unknown>): Promise<boolean> {
        const before = this.conversation;
        if (!before) return false;
        this.conversation = { ...before, ...shown };
        try {
            await call();
            this.refreshSoon();
            return true;
        } catch (failure) {
            this.conversation = before;
            this.refreshSoon();
            toasts.failed(failure);
            return false;
        }
    }

    #take(found: Message[]) {
        const known = new Map(this.messages.map((message) => [message.uuid, message]));
        for (const message of found) known.set(message.uuid, message);
        this.messages = [...known.values()].sort((one, other) => one.seq - other.seq);
    }
}
