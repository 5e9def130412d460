import { api, take, type Schemas } from '../../api/client';
import { t } from '../text';
import { drafts } from './drafts.svelte';
import { opened } from './opened.svelte';
import { store } from './store';
import { reason, toasts } from './toasts.svelte';

export interface Outgoing {
    echo: string;
    uuid: string;
    html: string;
    text: string;
    private: boolean;
    files: { id: number; name: string }[];
    mentions: Schemas['Mention'][];
    resolve: boolean;
    at: string;
    phase: 'waiting' | 'sending' | 'failed';
    problem: string;
}

export type Letter = Omit<Outgoing, 'echo' | 'at' | 'phase' | 'problem'>;

const STORE = 'outbox';
export const UNDO_FOR = 3_000;

/**
 * Messages on their way. Each is shown at once and goes out after a moment in which it can be taken back; one that the
 * desk refuses stays with its text and the reason. `echo_id` makes trying again safe: the same one is never written twice.
 */
class Outbox {
    letters = $state<Outgoing[]>([]);
    readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
    #sent: (message: Schemas['Message'], letter: Outgoing) => void = () => {};
    #back: (letter: Outgoing) => void = () => {};

    start() {
        this.letters = store
            .read<Outgoing[]>(STORE, [])
            .map((letter) => ({ ...letter, phase: 'failed', problem: t('outbox.interrupted') }));
    }

    onSent(hearer: (message: Schemas['Message'], letter: Outgoing) => void) {
        this.#sent = hearer;
    }

    /** Who takes a letter's text back into the editor. */
    onBack(hearer: (letter: Outgoing) => void) {
        this.#back = hearer;
    }

    of(uuid: string): Outgoing[] {
        return this.letters.filter((letter) => letter.uuid === uuid);
    }

    send(letter: Letter) {
        for (const earlier of this.of(letter.uuid)) if (earlier.phase === 'waiting') void this.now(earlier.echo);
        const echo = crypto.randomUUID();
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
        this.#back($state.snapshot(letter));
    }

    discard(echo: string) {
        const letter = this.#find(echo);
        if (!letter) return;
        this.#remove(echo);
        void drafts.forget(letter.uuid, letter.private ? 'private_note' : 'reply');
    }

    async now(echo: string) {
        clearTimeout(this.#timers.get(echo));
        const letter = this.#find(echo);
        if (!letter || letter.phase === 'sending') return;
        letter.phase = 'sending';
        try {
            const message = await this.#post(letter);
            this.#remove(echo);
            this.#sent(message, letter);
            void drafts.forget(letter.uuid, letter.private ? 'private_note' : 'reply');
            if (letter.resolve) await this.#resolve(letter.uuid);
        } catch (failure) {
            letter.phase = 'failed';
            letter.problem = reason(failure);
            if (opened.thread?.uuid !== letter.uuid) toasts.say(t('outbox.failed', { why: letter.problem }), 'bad');
            this.#keep();
        }
    }

    sendAll() {
        for (const letter of this.letters) if (letter.phase === 'waiting') void this.now(letter.echo);
    }

    #post(letter: Outgoing) {
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
                keepalive: true,
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

    #remove(echo: string) {
        clearTimeout(this.#timers.get(echo));
        this.#timers.delete(echo);
        this.letters = this.letters.filter((letter) => letter.echo !== echo);
        this.#keep();
    }

    #keep() {
        store.write(STORE, this.letters);
    }
}

export const outbox = new Outbox();
