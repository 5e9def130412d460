import { api, take, type Schemas } from '../../api/client';
import { t } from '../text';
import { composer } from './composer.svelte';
import { drafts, type DraftFile, type DraftType } from './drafts.svelte';
import { opened } from './opened.svelte';
import { store } from './store';
import { reason, toasts } from './toasts.svelte';

export interface Outgoing {
    echo: string;
    uuid: string;
    html: string;
    text: string;
    private: boolean;
    files: readonly DraftFile[];
    mentions: Schemas['Mention'][];
    resolve: boolean;
    at: string;
    phase: 'waiting' | 'sending' | 'failed';
    problem: string;
}

export type Letter = Omit<Outgoing, 'echo' | 'at' | 'phase' | 'problem'>;

const STORE = 'outbox';
export const UNDO_FOR = 3_000;
/** A letter that lay longer than this goes out by its author's hand alone: what it answers may be answered. */
const GOES_OUT_WITHIN = 5 * 60_000;

const kind = (letter: Outgoing): DraftType => (letter.private ? 'private_note' : 'reply');

/** A letter as it is taken up by a page that was opened after it was written. */
function again(letter: Outgoing): Outgoing {
    if (letter.phase === 'failed') return letter;
    if (Date.now() - Date.parse(letter.at) <= GOES_OUT_WITHIN) return { ...letter, phase: 'waiting' };
    return { ...letter, phase: 'failed', problem: t('outbox.late') };
}

/** Not `crypto.randomUUID`, which pages over plain HTTP do not have. */
const newEcho = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');

/**
 * Messages on their way. Each is shown at once and goes out after a moment in which it can be taken back; one that the
 * desk refuses stays with its text and the reason. `echo_id` makes trying again safe: the same one is never written twice.
 */
class Outbox {
    letters = $state<Outgoing[]>([]);
    readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
    /** The echoes of this page; what else is stored is on its way from another one. */
    readonly #own = new Set<string>();
    #sent: (message: Schemas['Message'], letter: Outgoing) => void = () => {};

    /** What was on its way when the page was closed goes out again: the desk may have it, and takes an echo once. */
    start() {
        this.letters = store.read<Outgoing[]>(STORE, []).map(again);
        for (const letter of this.letters) {
            this.#own.add(letter.echo);
            drafts.pass(letter.uuid, kind(letter));
        }
        this.sendAll();
    }

    onSent(hearer: (message: Schemas['Message'], letter: Outgoing) => void) {
        this.#sent = hearer;
    }

    of(uuid: string): Outgoing[] {
        return this.letters.filter((letter) => letter.uuid === uuid);
    }

    send(letter: Letter) {
        for (const earlier of this.of(letter.uuid)) if (earlier.phase === 'waiting') void this.now(earlier.echo);
        const echo = newEcho();
        this.#own.add(echo);
        this.letters.push({ ...letter, echo, at: new Date().toISOString(), phase: 'waiting', problem: '' });
        this.#keep();
        drafts.lift(letter.uuid, letter.private ? 'private_note' : 'reply');
        this.#timers.set(
            echo,
            setTimeout(() => void this.now(echo), UNDO_FOR),
        );
    }

    undo(echo: string) {
        const letter = this.#find(echo);
        if (!letter || letter.phase === 'sending') return;
        this.#remove(echo);
        drafts.giveBack(letter.uuid, kind(letter), { html: letter.html, files: $state.snapshot(letter.files) });
        composer.write(letter.private);
    }

    discard(echo: string) {
        const letter = this.#find(echo);
        if (!letter) return;
        this.#remove(echo);
        void drafts.forget(letter.uuid, kind(letter));
    }

    async now(echo: string, leaving = false) {
        clearTimeout(this.#timers.get(echo));
        const letter = this.#find(echo);
        if (!letter || letter.phase === 'sending') return;
        letter.phase = 'sending';
        try {
            if (leaving) void drafts.forget(letter.uuid, kind(letter), true);
            const message = await this.#post(letter, leaving);
            this.#sent(message, letter);
            await this.settle(echo);
        } catch (failure) {
            if (!this.#find(echo)) return;
            letter.phase = leaving ? 'waiting' : 'failed';
            letter.problem = reason(failure);
            if (!leaving && opened.thread?.uuid !== letter.uuid) {
                toasts.say(t('outbox.failed', { why: letter.problem }), 'bad');
            }
            this.#keep();
        }
    }

    /** The desk has the letter, as its answer or its frame tells. */
    async settle(echo: string) {
        const letter = this.#find(echo);
        if (!letter) return;
        this.#hide(echo);
        void drafts.forget(letter.uuid, kind(letter));
        if (letter.resolve) await this.#resolve(letter.uuid);
        this.#keep();
    }

    sendAll(leaving = false) {
        for (const letter of this.letters) if (letter.phase === 'waiting') void this.now(letter.echo, leaving);
    }

    #post(letter: Outgoing, keepalive: boolean) {
        return take(
            api.POST('/api/v1/conversations/{uuid}/messages', {
                params: { path: { uuid: letter.uuid } },
                body: {
                    message: letter.html,
                    sender_type: 'agent',
                    private: letter.private,
                    attachments: letter.files.map((file) => file.id),
                    mentions: letter.mentions,
                    echo_id: letter.echo,
                },
                keepalive,
            }),
        );
    }

    async #resolve(uuid: string) {
        try {
            await take(
                api.PUT('/api/v1/conversations/{uuid}/status', {
                    params: { path: { uuid } },
                    body: { status: 'Resolved' },
                }),
            );
        } catch (failure) {
            toasts.say(t('outbox.notResolved', { why: reason(failure) }), 'bad');
        }
    }

    #find(echo: string) {
        return this.letters.find((letter) => letter.echo === echo);
    }

    #hide(echo: string) {
        clearTimeout(this.#timers.get(echo));
        this.#timers.delete(echo);
        this.letters = this.letters.filter((letter) => letter.echo !== echo);
    }

    #remove(echo: string) {
        this.#hide(echo);
        this.#keep();
    }

    #keep() {
        const others = store.read<Outgoing[]>(STORE, []).filter(({ echo }) => !this.#own.has(echo));
        store.write(STORE, [...others, ...this.letters]);
    }
}

export const outbox = new Outbox();
