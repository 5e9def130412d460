/** What was changed and not saved yet, by the name of what it belongs to: going to another page and back loses nothing. */
class Unsaved {
    readonly #kept = new Map<string, object>();

    get any(): boolean {
        return this.#kept.size > 0;
    }

    of<Changes extends object>(name: string): Changes | undefined {
        return this.#kept.get(name) as Changes | undefined;
    }

    keep(name: string, changes: object) {
        if (Object.keys(changes).length) this.#kept.set(name, changes);
        else this.#kept.delete(name);
    }

    /** What belongs to something that is gone, or to a part of it, is not waited for any more. */
    forget(owner: string) {
        for (const name of this.#kept.keys()) {
            if (name === owner || name.startsWith(`${owner}/`)) this.#kept.delete(name);
        }
    }
}

export const unsaved = new Unsaved();
