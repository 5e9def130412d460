import { SvelteMap } from 'svelte/reactivity';
import { api, take, type Schemas } from '../../api/client';
import { store } from './store';

export type DraftType = Schemas['DraftType'];
type Saved = 'saved' | 'saving' | 'here';

export interface DraftFile {
    id: number;
    name: string;
    size: number;
}

export interface Draft {
    html: string;
    files: readonly DraftFile[];
}

const STORE = 'unsent';
const PAUSE = 700;
const AGAIN = 10_000;
const NOTHING: Draft = { html: '', files: [] };

const join = (first: Draft, second: Draft): Draft => ({
    html: first.html + second.html,
    files: [...first.files, ...second.files],
});

function isFile(found: unknown): found is DraftFile {
    const { id, name, size } = (found ?? {}) as Partial<DraftFile>;
    return typeof id === 'number' && typeof name === 'string' && typeof size === 'number';
}

function fromDesk({ content, meta }: Schemas['Draft']): Draft {
    return { html: content, files: Array.isArray(meta.attachments) ? meta.attachments.filter(isFile) : [] };
}

/**
 * What was typed and attached and not sent. Each change is kept in this browser at once, and at the desk after a short
 * pause, so it survives a closed page, a lost network and another machine.
 */
class Drafts {
    readonly #drafts = new SvelteMap<string, Draft>();
    readonly #states = new SvelteMap<string, Saved>();
    /** How often a draft came from elsewhere than the editor. */
    readonly #fills = new SvelteMap<string, number>();
    readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
    /** Keys that this browser knows better than the desk. */
    readonly #unsaved = new Set<string>();
    /** Keys whose draft at the desk is on its way as a message, or older than what this browser has. */
    readonly #passed = new Set<string>();
    #asked: 'no' | 'asking' | 'yes' = 'no';
    #again: ReturnType<typeof setTimeout> | undefined;

    #key = (uuid: string, type: DraftType) => `${uuid} ${type}`;

    start() {
        for (const [key, draft] of Object.entries(store.read<Record<string, Draft>>(STORE, {}))) {
            this.#drafts.set(key, draft);
            this.#unsaved.add(key);
            this.#passed.add(key);
        }
        void this.#ask();
    }

    /** Nothing is saved before the desk's drafts are here: one that nobody has read would be overwritten. */
    async #ask() {
        if (this.#asked === 'asking') return;
        this.#asked = 'asking';
        clearTimeout(this.#again);
        try {
            for (const found of await take(api.GET('/api/v1/drafts'))) this.#came(found);
            this.#asked = 'yes';
            this.saveAll();
        } catch {
            this.#asked = 'no';
            this.#again = setTimeout(() => void this.#ask(), AGAIN);
        }
    }

    #came(found: Schemas['Draft']) {
        const key = this.#key(found.conversation_uuid, found.type);
        if (this.#passed.has(key)) return;
        const typed = this.#drafts.get(key);
        this.#drafts.set(key, join(fromDesk(found), typed ?? NOTHING));
        if (!typed) {
            this.#unsaved.delete(key);
            this.#states.set(key, 'saved');
        }
        this.#filled(key);
    }

    of(uuid: string, type: DraftType): Draft {
        return this.#drafts.get(this.#key(uuid, type)) ?? NOTHING;
    }

    state(uuid: string, type: DraftType): Saved | undefined {
        return this.#states.get(this.#key(uuid, type));
    }

    /** Changes when the editor has to show a draft anew. */
    fills(uuid: string, type: DraftType): number {
        return this.#fills.get(this.#key(uuid, type)) ?? 0;
    }

    has(uuid: string): boolean {
        return this.#drafts.has(this.#key(uuid, 'reply')) || this.#drafts.has(this.#key(uuid, 'private_note'));
    }

    write(uuid: string, type: DraftType, change: Partial<Draft>) {
        const key = this.#key(uuid, type);
        const before = this.of(uuid, type);
        const draft = { ...before, ...change };
        if (draft.html === before.html && draft.files === before.files) return;
        if (draft.html || draft.files.length) this.#drafts.set(key, draft);
        else this.#drafts.delete(key);
        this.#states.set(key, 'here');
        this.#unsaved.add(key);
        this.#keep(key);
        clearTimeout(this.#timers.get(key));
        this.#timers.set(
            key,
            setTimeout(() => void this.#save(key), PAUSE),
        );
    }

    attach(uuid: string, type: DraftType, file: DraftFile) {
        this.write(uuid, type, { files: [...this.of(uuid, type).files, file] });
    }

    detach(uuid: string, type: DraftType, id: number) {
        this.write(uuid, type, { files: this.of(uuid, type).files.filter((file) => file.id !== id) });
    }

    /** Puts a message that is not sent after all before what was typed since. */
    giveBack(uuid: string, type: DraftType, draft: Draft) {
        this.write(uuid, type, join(draft, this.of(uuid, type)));
        this.#filled(this.#key(uuid, type));
    }

    /** Takes the draft off the screen while it is being sent; the desk keeps it until `forget`. */
    lift(uuid: string, type: DraftType) {
        const key = this.#key(uuid, type);
        clearTimeout(this.#timers.get(key));
        this.#drafts.delete(key);
        this.#states.delete(key);
        this.#unsaved.delete(key);
        if (this.#asked === 'yes') this.#passed.add(key);
        this.#keep(key);
    }

    /** The desk's draft is on its way as a message, so it is not shown beside it. */
    pass(uuid: string, type: DraftType) {
        this.#passed.add(this.#key(uuid, type));
    }

    async forget(uuid: string, type: DraftType, keepalive = false) {
        const key = this.#key(uuid, type);
        if (this.#drafts.has(key) || !this.#passed.has(key)) return;
        try {
            await this.#delete(uuid, type, keepalive);
        } catch {
            // It shows up again at the next visit, which is better than losing one.
        }
    }

    saveAll() {
        if (this.#asked !== 'yes') void this.#ask();
        else for (const key of this.#unsaved) void this.#save(key);
    }

    /** The page is going away: what is not at the desk yet is sent along. */
    leave() {
        for (const key of this.#unsaved) void this.#save(key, true);
    }

    async #save(key: string, keepalive = false) {
        const [uuid = '', kind] = key.split(' ');
        const type = kind as DraftType;
        if (this.#asked !== 'yes' || !this.#unsaved.has(key)) return;
        const draft = this.#drafts.get(key);
        this.#states.set(key, 'saving');
        try {
            if (draft) {
                const meta: Record<string, unknown> = draft.files.length ? { attachments: draft.files } : {};
                const request = { params: { path: { uuid } }, body: { type, content: draft.html, meta }, keepalive };
                await take(api.POST('/api/v1/conversations/{uuid}/draft', request));
            } else {
                await this.#delete(uuid, type, keepalive);
            }
            if (this.#drafts.get(key) !== draft) return;
            this.#unsaved.delete(key);
            this.#states.set(key, 'saved');
            this.#keep(key);
        } catch {
            if (this.#unsaved.has(key)) this.#states.set(key, 'here');
        }
    }

    #delete(uuid: string, type: DraftType, keepalive: boolean) {
        const params = { path: { uuid }, query: { type } };
        return take(api.DELETE('/api/v1/conversations/{uuid}/draft', { params, keepalive }));
    }

    #filled(key: string) {
        this.#fills.set(key, (this.#fills.get(key) ?? 0) + 1);
    }

    /** The agent's other pages have drafts in the store, too. */
    #keep(key: string) {
        const { [key]: _, ...others } = store.read<Record<string, Draft>>(STORE, {});
        const draft = this.#unsaved.has(key) && this.#drafts.get(key);
        store.write(STORE, draft ? { ...others, [key]: draft } : others);
    }
}

export const drafts = new Drafts();
