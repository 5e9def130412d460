function decoded(value: string): string | null {
    try {
        return decodeURIComponent(value);
    } catch {
        return null;
    }
}

/** The parts of a path such as `/agents/:id`, or null if `path` is another one. */
export function match(pattern: string, path: string): Record<string, string> | null {
    const wanted = pattern.split('/');
    const given = path.replace(/\/+$/, '').split('/');
    if (wanted.length !== given.length) return null;
    const parts: Record<string, string> = {};
    for (const [index, word] of wanted.entries()) {
        const value = given[index] ?? '';
        if (word.startsWith(':')) {
            const part = decoded(value);
            if (part === null) return null;
            parts[word.slice(1)] = part;
        } else if (word !== value) return null;
    }
    return parts;
}
