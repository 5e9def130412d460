/** What lasts longer than the page; where the browser gives the frame no storage, as long as the page. */
export interface Storage {
    readonly isBlocked: boolean;
    /** Whether what is written now lasts. */
    isLasting: boolean;
    read<T>(name: string): T | null;
    write(name: string, value: unknown): void;
    /** Nothing lasts longer than the page from now on, until it is cleared. */
    hide(): void;
    clear(): void;
}

export function storage(prefix: string, open: () => globalThis.Storage): Storage {
    let memory: Record<string, unknown> = {};
    let store: globalThis.Storage | undefined;
    const read = (name: string) => (memory[name] ??= JSON.parse(store?.getItem(prefix + name) ?? 'null'));
    try {
        store = open();
    } catch {
        // Third parties get none here.
    }
    return {
        isBlocked: !store,
        isLasting: true,
        read,
        write(name, value) {
            memory[name] = value;
            try {
                if (this.isLasting) store?.setItem(prefix + name, JSON.stringify(value));
            } catch {
                // Full.
            }
        },
        hide() {
            this.isLasting = false;
            for (const key of Object.keys(store ?? {})) {
                const name = key.split(prefix)[1];
                if (name) {
                    read(name);
                    store!.removeItem(key);
                }
            }
        },
        clear() {
            this.hide();
            this.isLasting = true;
            memory = {};
        },
    };
}
