/** E-mail addresses out of what somebody typed or pasted, each once. */
export function addresses(text: string): string[] {
    const words = text.split(/[\s,;<>]+/).filter((word) => word.includes('@'));
    return [...new Set(words.map((word) => word.toLowerCase()))];
}

/** The text without the addresses that are done, and without the names that stood with them. */
export function without(text: string, done: ReadonlySet<string>): string {
    const isDone = (words: string) => addresses(words).some((address) => done.has(address));
    const rest = (piece: string) => {
        const open = addresses(piece).some((address) => !done.has(address));
        if (isDone(piece) && !open) return '';
        return piece
            .split(/\s+/)
            .filter((word) => !isDone(word))
            .join(' ');
    };
    return text
        .split(/[,;\n]/)
        .map((piece) => rest(piece.trim()))
        .filter(Boolean)
        .join('\n');
}

const capital = (word = ''): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A name to begin with: "kim.doe@example.org" is Kim Doe until somebody says otherwise. */
export function nameOf(email: string): { first_name: string; last_name: string } {
    const [local = ''] = email.split(/[@+]/);
    const [first, ...others] = local.split(/[._-]+/).filter(Boolean);
    return { first_name: capital(first) || email, last_name: others.map(capital).join(' ') };
}
