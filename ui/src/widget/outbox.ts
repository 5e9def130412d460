import type { Refused } from './api';

const FIRST_DELAY = 1000;
const LAST_DELAY = 30_000;

/** Something written that the desk has not confirmed yet. */
export interface Unsent {
    /** The name under which the desk takes it once, however often it is sent. */
    readonly echo: string;
    /** The conversation; empty: one that begins with it. */
    chat: string;
    readonly text: string;
    readonly file?: File;
    /** Why it is not tried again by itself. */
    failure?: Failure | null;
}

export interface Failure {
    readonly message: string;
    /** It may have been done nevertheless. */
    readonly isUnsure: boolean;
}

export interface Outbox {
    readonly items: readonly Unsent[];
    add(...items: Unsent[]): void;
    remove(item: Unsent): void;
    clear(): void;
    /** Tries again what failed. */
    retry(item: Unsent): void;
    /** What was meant for a conversation (`from`), or for any, is meant for another now, and with a reason not sent yet. */
    redirect(to: string, from?: string, failure?: Failure): void;
    flush(): Promise<void>;
}

/**
 * Sends one after the other, and again until it is done or refused. What the desk can't recognise when it comes twice
 * (`isRisky`) is not sent again by itself if it may have arrived.
 */
export function outbox(
    stored: readonly Unsent[],
    isRisky: (item: Unsent) => boolean,
    deliver: (item: Unsent) => Promise<void>,
    changed: (items: readonly Unsent[]) => void,
): Outbox {
    let items = stored;
    let isBusy = false;
    let delay = FIRST_DELAY;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const set = (next: readonly Unsent[]): void => changed((items = next));
    const remove = (done: Unsent): void => set(items.filter((item) => item !== done));

    const flush = async (): Promise<void> => {
        if (isBusy || !navigator.onLine) return;
        isBusy = true;
        clearTimeout(timer);
        for (let item; (item = items.find(({ failure }) => !failure));) {
            try {
                await deliver(item);
                delay = FIRST_DELAY;
                remove(item);
            } catch (error) {
                const { isPassing, isUnsure, message, retryAfter } = error as Refused;
                if (isPassing && !(isUnsure && isRisky(item))) {
                    timer = setTimeout(flush, retryAfter * 1000 || delay);
                    delay = Math.min(delay * 2, LAST_DELAY);
                    break;
                }
                item.failure = { message, isUnsure };
                set(items);
            }
        }
        isBusy = false;
    };

    return {
        get items() {
            return items;
        },
        add(...more) {
            set([...items, ...more]);
            void flush();
        },
        remove,
        clear: () => set([]),
        retry(item) {
            item.failure = null;
            set(items);
            void flush();
        },
        redirect(to, from, failure) {
            for (const item of items) {
                if ((from ?? item.chat) !== item.chat) continue;
                item.chat = to;
                item.failure ??= failure ?? null;
            }
            set(items);
        },
        flush,
    };
}
