/** What lasts longer than the page; where the browser gives the frame no storage, as long as the page. */
export interface Storage {
    readonly isBlocked: boolean;
    read<T>(name: string): T | null;
    write(name: string, value: unknown): void;
    clear(): void;
}

export function storage(prefix: string, open: () => globalThis.Storage): Storage {
    let memory: Record<string, unknown> = {};
    let store: globalThis.Storage | undefined;
    const stored = (name: string) => JSON.parse(store?.getItem(prefix + name) ?? 'null');
    try {
        store = open();
    } catch {
        // Third parties get none here.
    }
    return {
        isBlocked: !store,
        read: (name) => (memory[name] ??= stored(name)),
        write(name, value) {
            memory[name] = value;
            try {
                store?.setItem(prefix + name, JSON.stringify(value));
            } catch {
                // Full.
            }
        },
        clear() {
            memory = {};
            for (const key in store) if (key.startsWith(prefix)) store.removeItem(key);
        },
    };
}
