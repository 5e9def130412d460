import type { Host } from './host';
import type { Storage } from './storage';

export interface Session {
    readonly token: string;
    readonly isVisitor: boolean;
    /** Who that is to the page that vouches for them. */
    readonly externalId?: string | undefined;
}

export interface Sessions {
    readonly current: Session | null;
    set(session: Session | null): void;
}

/**
 * Whose widget this is. A visitor is known again on the next visit; whom the page vouches for only as long as the tab is
 * open, for the page says it anew. `kept`: the token that the page kept where the browser gives the frame no storage.
 */
export function sessions(local: Storage, tab: Storage, kept: string, host: Host): Sessions {
    let current =
        tab.read<Session>('session') ??
        local.read<Session>('session') ??
        (kept ? { token: kept, isVisitor: true } : null);
    return {
        get current() {
            return current;
        },
        set(session) {
            current = session;
            const lasting = session?.isVisitor ? session : null;
            tab.write('session', lasting ? null : session);
            local.write('session', lasting);
            if (local.isBlocked || kept) host.tell({ muster: 'keep', token: lasting && lasting.token });
        },
    };
}

/** Whom a signed token speaks of. The desk checks it; this only spares asking about the same person again. */
export function externalIdOf(jwt: string): string | undefined {
    try {
        const claims = (jwt.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
        return JSON.parse(atob(claims)).external_user_id;
    } catch {
        return undefined;
    }
}
