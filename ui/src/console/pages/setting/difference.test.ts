import { expect, test } from 'vitest';
import { difference, overlaid } from './difference';

const before = {
    name: 'Chat',
    look: { color: '#fff', side: { left: 1, right: 2 } },
    domains: ['a'],
    team: 1 as number | null,
};

test('only what differs is told, however deep it lies', () => {
    const after = { ...before, look: { color: '#fff', side: { left: 1, right: 3 } } };
    expect(difference(before, after)).toEqual({ look: { side: { right: 3 } } });
});

test('a list is told whole, and nothing is told of what is the same', () => {
    expect(difference(before, { ...before, domains: ['a', 'b'] })).toEqual({ domains: ['a', 'b'] });
    expect(difference(before, structuredClone(before))).toBeNull();
});

test('what was told can be laid over what somebody else changed meanwhile', () => {
    const told = difference(before, { ...before, look: { ...before.look, color: '#000' } });
    const meanwhile = { ...before, name: 'Sales', look: { ...before.look, side: { left: 9, right: 2 } } };
    expect(overlaid(meanwhile, told ?? {})).toEqual({
        ...meanwhile,
        look: { color: '#000', side: { left: 9, right: 2 } },
    });
});
