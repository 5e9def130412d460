import { api, take, type Schemas } from '../../api/client';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

export type Availability = Schemas['AvailabilityStatus'];

const IDLE_AFTER = 5 * 60_000;
const LOOK_EVERY = 30_000;

export function presenceTone(status: Availability): 'good' | 'warn' | 'none' {
    if (status === 'online') return 'good';
    return status === 'offline' ? 'none' : 'warn';
}

/** The own state: chosen by hand, or "away" after five minutes without a hand on mouse or keyboard. */
class Presence {
    changing = $state(false);
    #touched = Date.now();
    #stop: (() => void) | null = null;

    get status(): Availability {
        return session.me?.availability_status ?? 'offline';
    }

    async choose(status: Availability) {
        this.changing = true;
        try {
            session.me = await take(api.PUT('/api/v1/agents/me/availability', { body: { status } }));
        } catch (failure) {
            toasts.failed(failure);
        } finally {
            this.changing = false;
        }
    }

    watch() {
        const touched = () => {
            this.#touched = Date.now();
            if (this.status === 'away') void this.#idle('online');
        };
        const events = ['pointerdown', 'keydown', 'pointermove'] as const;
        for (const event of events) addEventListener(event, touched, { passive: true });
        const timer = setInterval(() => {
            if (this.status === 'online' && Date.now() - this.#touched > IDLE_AFTER) void this.#idle('away');
        }, LOOK_EVERY);
        this.#stop = () => {
            for (const event of events) removeEventListener(event, touched);
            clearInterval(timer);
        };
    }

    unwatch() {
        this.#stop?.();
        this.#stop = null;
    }

    async #idle(status: Availability) {
        if (this.changing) return;
        this.changing = true;
        try {
            session.me = await take(api.PUT('/api/v1/agents/me/availability', { body: { status, source: 'idle' } }));
        } catch {
            // The next look tries again.
        } finally {
            this.changing = false;
        }
    }

    heard(status: Availability) {
        if (session.me) session.me.availability_status = status;
    }
}

export const presence = new Presence();
