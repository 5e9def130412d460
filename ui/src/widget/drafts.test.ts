import { expect, test } from 'vitest';
import { redirected } from './drafts';

test('what was written for one conversation goes to another, after what is there', () => {
    expect(redirected({ '': 'Hello', c: 'and more', d: 'else' }, '', 'c')).toEqual({
        '': 'Hello\nand more',
        d: 'else',
    });
});

test('what was written for the new one goes with it', () => {
    expect(redirected({ '': 'Hello' }, 'c', '')).toEqual({ c: 'Hello' });
});

test('what was written for any is not lost', () => {
    expect(redirected({ c: 'one', d: 'two' }, '')).toEqual({ '': 'one\ntwo' });
});
