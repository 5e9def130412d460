/** E-mail addresses out of what somebody typed or pasted, each once. */
export function addresses(text: string): string[] {
    const words = text.split(/[\s,;<>]+/).filter((word) => word.includes('@'));
    return [...new Set(words.map((word) => word.toLowerCase()))];
}

const capital = (word = ''): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A name to begin with: "kim.doe@example.org" is Kim Doe until somebody says otherwise. */
export function nameOf(email: string): { first_name: string; last_name: string } {
    const [local = ''] = email.split(/[@+]/);
    const [first, ...others] = local.split(/[._-]+/).filter(Boolean);
    return { first_name: capital(first) || email, last_name: others.map(capital).join(' ') };
}
