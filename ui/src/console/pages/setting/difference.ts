const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);

type Keyed = Record<string, unknown> & { key: string };

/** Of things that have keys. What differs in such a list is told by key, as if it were an object. */
const isKeyed = (value: unknown): value is Keyed[] =>
    Array.isArray(value) && value.every((one) => isObject(one) && typeof one.key === 'string');

const byKey = (list: Keyed[]): Record<string, unknown> => Object.fromEntries(list.map((one) => [one.key, one]));

/** What of `after` differs from `before`, object by object; lists without keys are taken whole. `null` when nothing does. */
export function difference(before: object, after: object): Record<string, unknown> | null {
    const changed: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(after)) {
        const old = (before as Record<string, unknown>)[key];
        const [one, other] = isKeyed(old) && isKeyed(value) ? [byKey(old), byKey(value)] : [old, value];
        if (isObject(one) && isObject(other)) {
            const part = difference(one, other);
            if (part) changed[key] = part;
        } else if (JSON.stringify(old) !== JSON.stringify(value)) changed[key] = value;
    }
    return Object.keys(changed).length ? changed : null;
}

const laidOver = (list: Keyed[], part: Record<string, unknown>): Keyed[] =>
    list.map((one) => overlaid(one, (part[one.key] ?? {}) as object));

/** `base` with what `part` says laid over it, object by object; lists without keys are taken whole. */
export function overlaid<What extends object>(base: What, part: object): What {
    const laid = structuredClone(base) as Record<string, unknown>;
    for (const [key, value] of Object.entries(part)) {
        const old = laid[key];
        if (isKeyed(old) && isObject(value)) laid[key] = laidOver(old, value);
        else laid[key] = isObject(value) && isObject(old) ? overlaid(old, value) : structuredClone(value);
    }
    return laid as What;
}

/** `part` as it is sent: with whole lists, which are those of `now` with what `part` says of them. */
export function whole(part: object, now: object): Record<string, unknown> {
    const sent: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(part)) {
        const present = (now as Record<string, unknown>)[key];
        if (isKeyed(present) && isObject(value)) sent[key] = laidOver(present, value);
        else sent[key] = isObject(value) && isObject(present) ? whole(value, present) : value;
    }
    return sent;
}
