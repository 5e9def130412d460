import type { Host } from './host';
import type { Storage } from './storage';

export interface Session {
    readonly token: string;
    readonly isVisitor: boolean;
}

export interface Sessions {
    readonly current: Session | null;
    /** Another one once somebody else may be at this browser. */
    turn: number;
    set(session: Session | null): void;
}

/**
 * Whose widget this is. A visitor is known again on the next visit; whom the page vouches for is not kept, for the page
 * says it anew. `kept`: the token that the page kept where the browser gives the frame no storage.
 */
export function sessions(store: Storage, kept: string, host: Host): Sessions {
    const token = store.read<string>('token') ?? kept;
    let current: Session | null = token ? { token, isVisitor: true } : null;
    return {
        turn: 0,
        get current() {
            return current;
        },
        set(session) {
            current = session;
            const lasting = session?.isVisitor ? session.token : null;
            store.write('token', lasting);
            if (store.isBlocked || kept) host.tell({ muster: 'keep', token: lasting });
        },
    };
}
