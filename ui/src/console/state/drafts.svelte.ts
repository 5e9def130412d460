import { SvelteMap } from 'svelte/reactivity';
import { api, csrfToken, take, type Schemas } from '../../api/client';
import { store } from './store';

export type DraftType = Schemas['DraftType'];
type Saved = 'saved' | 'saving' | 'here';

const STORE = 'drafts';
const PAUSE = 700;

/**
 * What was typed and not sent. Each change is kept in this browser at once, and at the desk after a short pause, so it
 * survives a closed page, a lost network and another machine.
 */
class Drafts {
    readonly #texts = new SvelteMap<string, string>();
    readonly #states = new SvelteMap<string, Saved>();
    readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
    /** Keys that this browser knows better than the desk. */
    readonly #unsaved = new Set<string>();

    #key = (uuid: string, type: DraftType) => `${uuid} ${type}`;

    async load() {
        this.#texts.clear();
        this.#unsaved.clear();
        for (const [key, text] of Object.entries(store.read<Record<string, string>>(STORE, {}))) {
            this.#texts.set(key, text);
            this.#unsaved.add(key);
        }
        const found = await take(api.GET('/api/v1/drafts'));
        for (const draft of found) {
            const key = this.#key(draft.conversation_uuid, draft.type);
            if (this.#unsaved.has(key)) continue;
            this.#texts.set(key, draft.content);
            this.#states.set(key, 'saved');
        }
        this.saveAll();
    }

    text(uuid: string, type: DraftType): string {
        return this.#texts.get(this.#key(uuid, type)) ?? '';
    }

    state(uuid: string, type: DraftType): Saved | undefined {
        return this.#states.get(this.#key(uuid, type));
    }

    has(uuid: string): boolean {
        return this.text(uuid, 'reply') !== '' || this.text(uuid, 'private_note') !== '';
    }

    write(uuid: string, type: DraftType, text: string) {
        const key = this.#key(uuid, type);
        if (text === (this.#texts.get(key) ?? '')) return;
        if (text) this.#texts.set(key, text);
        else this.#texts.delete(key);
        this.#states.set(key, 'here');
        this.#unsaved.add(key);
        this.#store();
        clearTimeout(this.#timers.get(key));
        this.#timers.set(
            key,
            setTimeout(() => void this.#save(uuid, type), PAUSE),
        );
    }

    /** Takes the text off the screen while it is being sent; the desk keeps it until `forget`. */
    lift(uuid: string, type: DraftType) {
        const key = this.#key(uuid, type);
        clearTimeout(this.#timers.get(key));
        this.#texts.delete(key);
        this.#states.delete(key);
        this.#unsaved.delete(key);
        this.#store();
    }

    async forget(uuid: string, type: DraftType) {
        if (this.text(uuid, type)) return;
        try {
            const params = { path: { uuid }, query: { type } };
            await take(api.DELETE('/api/v1/conversations/{uuid}/draft', { params }));
        } catch {
            // It shows up again at the next visit, which is better than losing one.
        }
    }

    saveAll() {
        for (const key of this.#unsaved) {
            const [uuid, type] = key.split(' ');
            if (uuid && type) void this.#save(uuid, type as DraftType);
        }
    }

    /** The page is going away: what is not at the desk yet is sent along. */
    leave() {
        for (const key of this.#unsaved) {
            const [uuid, type] = key.split(' ');
            const content = this.#texts.get(key);
            if (!content) continue;
            void fetch(`/api/v1/conversations/${uuid}/draft`, {
                method: 'POST',
                keepalive: true,
                headers: { 'Content-Type': 'application/json', 'X-CSRFTOKEN': decodeURIComponent(csrfToken()) },
                body: JSON.stringify({ type, content }),
            });
        }
    }

    async #save(uuid: string, type: DraftType) {
        const key = this.#key(uuid, type);
        const content = this.#texts.get(key) ?? '';
        this.#states.set(key, 'saving');
        try {
            if (content) {
                const params = { path: { uuid } };
                await take(api.POST('/api/v1/conversations/{uuid}/draft', { params, body: { type, content } }));
            } else {
                const params = { path: { uuid }, query: { type } };
                await take(api.DELETE('/api/v1/conversations/{uuid}/draft', { params }));
            }
            if ((this.#texts.get(key) ?? '') !== content) return;
            this.#unsaved.delete(key);
            this.#states.set(key, 'saved');
            this.#store();
        } catch {
            this.#states.set(key, 'here');
        }
    }

    #store() {
        const texts = [...this.#unsaved].map((key) => [key, this.#texts.get(key) ?? ''] as const);
        store.write(STORE, Object.fromEntries(texts.filter(([, text]) => text)));
    }
}

export const drafts = new Drafts();
