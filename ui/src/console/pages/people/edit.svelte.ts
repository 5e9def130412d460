import { untrack } from 'svelte';
import { unsaved } from '../../state/unsaved';

/** Something stored, with what somebody changed of it. Only that is ever sent. */
export class Edit<Fields extends object> {
    #stored = $state.raw() as Fields;
    changes = $state.raw<Partial<Fields>>({});

    constructor(
        readonly name: string,
        stored: Fields,
    ) {
        this.#stored = stored;
        this.changes = unsaved.of(name) ?? {};
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

    /** This was stored; what was changed since it was sent stays changed. */
    saved(sent: Partial<Fields>) {
        const open = Object.entries(this.changes).filter(([field, value]) => sent[field as keyof Fields] !== value);
        this.#put(Object.fromEntries(open) as Partial<Fields>);
    }

    undo() {
        this.#put({});
    }

    #put(changes: Partial<Fields>) {
        this.changes = changes;
        unsaved.keep(this.name, changes);
    }
}
