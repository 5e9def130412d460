import { expect, test } from 'vitest';
import { condition, flat, type Attribute } from './rule';

const attribute = (key: string, data_type: Attribute['data_type']) => ({ key, data_type }) as Attribute;
const attributes = [attribute('language', 'list'), attribute('years', 'number'), attribute('driver', 'checkbox')];

test('a rule of one level is shown and written as it was', () => {
    for (const rule of [
        { test: { attribute: 'language', op: 'eq' as const, value: 'fr' } },
        {
            any: [
                { test: { attribute: 'language', op: 'in' as const, value: ['fr', 'de'] } },
                { test: { attribute: 'years', op: 'gt' as const, value: 3 } },
                { test: { attribute: 'driver', op: 'eq' as const, value: true } },
            ],
        },
    ]) {
        const shown = flat(rule);
        expect(shown && condition(shown, attributes)).toEqual(rule);
    }
});

test('a rule with levels is none for the form', () => {
    const inner = { test: { attribute: 'language', op: 'eq' as const, value: 'fr' } };
    expect(flat({ all: [inner, { any: [inner] }] })).toBeNull();
});

test('a rule with a comma in a value of a list is none for the form, which would make two values of it', () => {
    const listed = { test: { attribute: 'place', op: 'in' as const, value: ['Paris, France', 'Rome'] } };
    expect(flat(listed)).toBeNull();
    expect(flat({ all: [listed] })).toBeNull();
    expect(flat({ test: { attribute: 'place', op: 'eq' as const, value: 'Paris, France' } })).not.toBeNull();
});
