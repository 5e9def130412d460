import { expect, test } from 'vitest';
import { branded, inkOn, opaque } from './brand';

test.each([
    ['#0f766e', '#ffffff'],
    ['#fde047', '#16181d'],
    ['#fff', '#16181d'],
    ['#fffc', '#16181d'],
    ['#000', '#ffffff'],
    ['#0000', '#16181d'],
    ['#0f766eff', '#ffffff'],
    ['#0f766e1a', '#16181d'],
    ['', '#ffffff'],
])('what stands on %s is %s', (color, ink) => {
    expect(inkOn(color)).toBe(ink);
});

test.each([
    ['#fde047', '#fde047'],
    ['#abc', '#aabbcc'],
    ['#abcf', '#aabbcc'],
    ['#0000', '#ffffff'],
    ['#00000080', '#7f7f7f'],
    ['', '#2563eb'],
    ['#12', '#2563eb'],
])('%s looks like %s', (color, shown) => {
    expect(opaque(color)).toBe(shown);
});

test('one colour decides the whole look', () => {
    expect(branded('#0f766e')).toEqual({
        colors: { primary: '#0f766e' },
        launcher: { color: '#0f766e' },
        home_screen: { background: { color: '#0f766e' }, header_text_color: '#ffffff' },
    });
});
