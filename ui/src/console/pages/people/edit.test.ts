import { expect, test, vi } from 'vitest';
import { Edit } from './edit.svelte';

vi.hoisted(() => vi.stubGlobal('$state', { raw: (value: unknown) => value }));

const kim = { name: 'Kim', email: 'kim@example.org' };

test('only what was changed is a change', () => {
    const edit = new Edit('a', kim);
    edit.set('name', 'Kimberly');
    expect(edit.changes).toEqual({ name: 'Kimberly' });
    expect(edit.now).toEqual({ name: 'Kimberly', email: 'kim@example.org' });
    edit.set('name', 'Kim');
    expect(edit.dirty).toBe(false);
});

test('what somebody else stored is shown, and what was typed here stays', () => {
    const edit = new Edit('b', kim);
    edit.set('name', 'Kimberly');
    edit.follow({ name: 'K.', email: 'k@example.org' });
    expect(edit.now).toEqual({ name: 'Kimberly', email: 'k@example.org' });
    edit.follow({ name: 'Kimberly', email: 'k@example.org' });
    expect(edit.dirty).toBe(false);
});

test('changes wait for whoever comes back to the page', () => {
    new Edit('c', kim).set('email', 'kim@example.com');
    expect(new Edit('c', kim).changes).toEqual({ email: 'kim@example.com' });
    new Edit('c', kim).undo();
    expect(new Edit('c', kim).dirty).toBe(false);
});
