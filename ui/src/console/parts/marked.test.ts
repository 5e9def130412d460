import { expect, test } from 'vitest';
import { marked } from './marked';

const hits = (text: string, words: string) => marked(text, words).flatMap(({ part, hit }) => (hit ? [part] : []));

test('every word is found where a word begins, in any case', () => {
    expect(hits('Order LL-2051, reordered. ORDERS!', 'order ll-20')).toEqual(['Order', 'LL-20', 'ORDER']);
});

test('what is looked for is not a pattern', () => {
    expect(hits('1.5 (a) 1x5', '1.5 (a)')).toEqual(['1.5', '(a)']);
    expect(hits('anything', '[')).toEqual([]);
});

test('the text stays as it was', () => {
    const text = 'The parcel, the lamp';
    expect(
        marked(text, 'the ')
            .map(({ part }) => part)
            .join(''),
    ).toBe(text);
    expect(marked(text, '  ')).toEqual([{ part: text, hit: false }]);
});
