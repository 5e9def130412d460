// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { isEmpty, isPlain } from './plain';

test('paragraphs and line breaks are plain, whatever text would lose is not', () => {
    expect(isPlain('<p>One<br>two</p><p>three</p>')).toBe(true);
    expect(isPlain('<p>One <strong>two</strong></p>')).toBe(false);
    expect(isPlain('<img src="/uploads/a" onerror="alert(1)">')).toBe(false);
});

test('markup without a word is empty', () => {
    expect(isEmpty('<p></p><p>&nbsp;</p>')).toBe(true);
    expect(isEmpty('<p>a</p>')).toBe(false);
});
