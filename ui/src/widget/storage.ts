/** What lasts longer than the page; where the browser gives the frame no storage, as long as the page. */
export interface Storage {
    readonly isBlocked: boolean;
    read<T>(name: string): T | null;
    /** Null and empty take it away. */
    write(name: string, value: unknown): void;
    clear(): void;
}

export function storage(prefix: string, open: () => globalThis.Storage): Storage {
    const memory = new Map<string, string>();
    let store: globalThis.Storage | null = null;
    try {
        store = open();
    } catch {
        // Third parties get none here.
    }
    return {
        isBlocked: !store,
        read(name) {
            const text = store ? store.getItem(prefix + name) : memory.get(name);
            return text ? JSON.parse(text) : null;
        },
        write(name, value) {
            const text = value ? JSON.stringify(value) : '';
            if (!store) memory.set(name, text);
            else if (!text) store.removeItem(prefix + name);
            else {
                try {
                    store.setItem(prefix + name, text);
                } catch {
                    // Full.
                }
            }
        },
        clear() {
            memory.clear();
            for (const key of Object.keys(store ?? {})) if (key.startsWith(prefix)) store?.removeItem(key);
        },
    };
}
