import { untrack } from 'svelte';

/** What was changed and not saved yet, by the name of what it belongs to: going to another page and back loses nothing. */
const kept = new Map<string, object>();

/** Something stored, with what somebody changed of it. Only that is ever sent. */
export class Edit<Fields extends object> {
    #stored = $state.raw() as Fields;
    changes = $state.raw<Partial<Fields>>({});

    constructor(
        readonly name: string,
        stored: Fields,
    ) {
        this.#stored = stored;
        this.changes = (kept.get(name) as Partial<Fields> | undefined) ?? {};
    }

    get now(): Fields {
        return { ...this.#stored, ...this.changes };
    }

    get dirty(): boolean {
        return Object.keys(this.changes).length > 0;
    }

    set<Field extends keyof Fields>(field: Field, value: Fields[Field]) {
        const { [field]: _, ...others } = this.changes;
        const same = this.#stored[field] === value;
        this.#put((same ? others : { ...others, [field]: value }) as Partial<Fields>);
    }

    /** It is stored like this by now, by whomever; what was changed here and isn't stored stays changed. */
    follow(stored: Fields) {
        this.#stored = stored;
        const changes = Object.entries(untrack(() => this.changes));
        const open = changes.filter(([field, value]) => stored[field as keyof Fields] !== value);
        if (open.length < changes.length) this.#put(Object.fromEntries(open) as Partial<Fields>);
    }

    undo() {
        this.#put({});
    }

    #put(changes: Partial<Fields>) {
        this.changes = changes;
        if (Object.keys(changes).length) kept.set(this.name, changes);
        else kept.delete(this.name);
    }
}

/** What belongs to something that is gone is not waited for any more. */
export function forget(prefix: string) {
    for (const name of kept.keys()) if (name.startsWith(prefix)) kept.delete(name);
}

/** The browser asks before it leaves while something is not saved. */
export function asksBeforeLeaving(): () => void {
    const ask = (event: BeforeUnloadEvent) => {
        if (kept.size) event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
}
