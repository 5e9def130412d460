import { api, take, type Schemas } from '../../api/client';
import { session } from './session.svelte';
import { socket } from './socket.svelte';
import { store } from './store';
import { toasts } from './toasts.svelte';

export type Availability = Schemas['AvailabilityStatus'];

const IDLE_AFTER = 5 * 60_000;
const LOOK_EVERY = 30_000;
const SHARE_EVERY = 2_000;
const STORE = 'touched';

export function presenceDot(status: Availability): string {
    if (status === 'online') return 'bg-good';
    return status === 'offline' ? 'bg-edge' : 'bg-warn';
}

/** The own state: chosen by hand, or "away" after five minutes without a hand on mouse or keyboard. */
class Presence {
    changing = $state(false);
    /** Why one may be away, in the desk's words. */
    reasons = $state.raw<string[]>([]);
    /** The last touch of this page; those of the agent's other pages are in the store. */
    #touched = Date.now();
    #notBefore = 0;
    #stop: (() => void) | null = null;

    get status(): Availability {
        return session.me?.availability_status ?? 'offline';
    }

    /** Why one is away by choice; null: for no reason that was given. */
    get reason(): string | null {
        return this.status === 'away_manual' ? (session.me?.muster.pause_reason ?? null) : null;
    }

    async choose(status: Availability, reason: string | null = null) {
        const body = { status, ...(status === 'away_manual' ? { pause_reason: reason } : {}) };
        this.changing = true;
        try {
            session.me = await take(api.PUT('/api/v1/agents/me/availability', { body }));
        } catch (failure) {
            toasts.failed(failure);
        } finally {
            this.changing = false;
        }
    }

    async #learnReasons() {
        try {
            this.reasons = await take(api.GET('/api/v1/pause-reasons'));
        } catch {
            // One can be away without a reason.
        }
    }

    watch() {
        void this.#learnReasons();
        /** Whoever comes back is there again by the socket alone. */
        const unhear = socket.hear(({ type }) => {
            if (type === 'ready' || type === 'regained') session.refreshSoon();
        });
        const touched = () => {
            if (Date.now() - this.#touched > SHARE_EVERY) store.write(STORE, (this.#touched = Date.now()));
            if (this.status === 'away') void this.#idle('online');
        };
        const events = ['pointerdown', 'keydown', 'pointermove'] as const;
        for (const event of events) addEventListener(event, touched, { passive: true });
        const timer = setInterval(() => {
            const touchedAt = Math.max(this.#touched, store.read(STORE, 0));
            if (this.status === 'online' && Date.now() - touchedAt > IDLE_AFTER) void this.#idle('away');
        }, LOOK_EVERY);
        this.#stop = () => {
            for (const event of events) removeEventListener(event, touched);
            clearInterval(timer);
            unhear();
        };
    }

    unwatch() {
        this.#stop?.();
        this.#stop = null;
    }

    async #idle(status: Availability) {
        if (this.changing || Date.now() < this.#notBefore) return;
        this.changing = true;
        try {
            session.me = await take(api.PUT('/api/v1/agents/me/availability', { body: { status, source: 'idle' } }));
        } catch {
            this.#notBefore = Date.now() + LOOK_EVERY;
        } finally {
            this.changing = false;
        }
    }

    heard(status: Availability) {
        if (session.me) session.me.availability_status = status;
        session.refreshSoon();
    }
}

export const presence = new Presence();
