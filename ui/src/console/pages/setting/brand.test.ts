import { expect, test } from 'vitest';
import { branded, inkOn } from './brand';

test('what stands on a brand colour can be read', () => {
    expect(inkOn('#0f766e')).toBe('#ffffff');
    expect(inkOn('#fde047')).toBe('#16181d');
    expect(inkOn('#fff')).toBe('#16181d');
});

test('one colour decides the whole look', () => {
    expect(branded('#0f766e')).toEqual({
        colors: { primary: '#0f766e' },
        launcher: { color: '#0f766e' },
        home_screen: { background: { color: '#0f766e' }, header_text_color: '#ffffff' },
    });
});
