import { expect, test } from 'vitest';
import { difference, overlaid, whole } from './difference';

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

const field = (key: string, required: boolean) => ({ key, required, label: key });
const form = { fields: [field('name', false), field('email', false)] };

test('of what has keys only what differs is told, by its key', () => {
    const after = { fields: [field('name', false), field('email', true)] };
    expect(difference(form, after)).toEqual({ fields: { email: { required: true } } });
    expect(difference(form, structuredClone(form))).toBeNull();
});

test('it is laid over what has that key now', () => {
    const told = { fields: { email: { required: true }, gone: { required: true } } };
    const meanwhile = { fields: [field('phone', false), field('email', false)] };
    expect(overlaid(meanwhile, told)).toEqual({ fields: [field('phone', false), field('email', true)] });
});

test('what is sent has such lists whole, as they are by then', () => {
    const now = { title: 'Hello', form: { on: true, fields: [field('phone', false), field('email', false)] } };
    const told = { title: 'Hi', form: { fields: { email: { required: true } } } };
    expect(whole(told, now)).toEqual({ title: 'Hi', form: { fields: [field('phone', false), field('email', true)] } });
});

test('nothing is a difference, too', () => {
    expect(difference(before, { ...before, team: null })).toEqual({ team: null });
});
