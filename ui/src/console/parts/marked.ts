/** The parts of a text in their order; a hit begins as one of the words does, in any case. */
export function marked(text: string, words: string): { part: string; hit: boolean }[] {
    const wanted = words.split(/\s+/).filter(Boolean).map(escaped);
    if (!wanted.length) return [{ part: text, hit: false }];
    const hits = new RegExp(`(?<![\\p{L}\\p{N}])(${wanted.join('|')})`, 'giu');
    return text
        .split(hits)
        .map((part, index) => ({ part, hit: index % 2 === 1 }))
        .filter(({ part }) => part);
}

const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
