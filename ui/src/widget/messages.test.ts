import { expect, test } from 'vitest';
import { merged } from './messages';
import type { Message } from './wire';

const message = (uuid: string, seq: number, content = uuid) => ({ uuid, seq, content }) as Message;

test('each message is there once, as it was told last, in order', () => {
    const known = [message('a', 1), message('c', 3)];
    const all = merged(known, [message('c', 3, 'corrected'), message('b', 2)]);
    expect(all.map(({ content }) => content)).toEqual(['a', 'b', 'corrected']);
    expect(merged(undefined, known)).toEqual(known);
});
