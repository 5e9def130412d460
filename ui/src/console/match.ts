/** The parts of a path such as `/agents/:id`, or null if `path` is another one. */
export function match(pattern: string, path: string): Record<string, string> | null {
    const wanted = pattern.split('/');
    const given = path.replace(/\/+$/, '').split('/');
    if (wanted.length !== given.length) return null;
    const parts: Record<string, string> = {};
    for (const [index, word] of wanted.entries()) {
        const value = given[index] ?? '';
        if (word.startsWith(':')) parts[word.slice(1)] = decodeURIComponent(value);
        else if (word !== value) return null;
    }
    return parts;
}
