const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);

/** What of `after` differs from `before`, object by object; lists are taken whole. `null` when nothing does. */
export function difference<What extends object>(before: What, after: What): Partial<What> | null {
    const changed: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(after)) {
        const old = (before as Record<string, unknown>)[key];
        const part = isObject(value) && isObject(old) ? difference(old, value) : value;
        if (part !== null && JSON.stringify(old) !== JSON.stringify(value)) changed[key] = part;
    }
    return Object.keys(changed).length ? (changed as Partial<What>) : null;
}

/** `base` with what `part` says laid over it, object by object; lists are taken whole. */
export function overlaid<What extends object>(base: What, part: object): What {
    const laid = structuredClone(base) as Record<string, unknown>;
    for (const [key, value] of Object.entries(part)) {
        const old = laid[key];
        laid[key] = isObject(value) && isObject(old) ? overlaid(old, value) : structuredClone(value);
    }
    return laid as What;
}
