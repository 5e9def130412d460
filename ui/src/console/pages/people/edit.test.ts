import { expect, test, vi } from 'vitest';
import { unsaved } from '../../state/unsaved';
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

test('what is saved is no change any more, even if the desk stores it in other words', () => {
    const edit = new Edit('d', kim);
    edit.set('email', 'Kim@Example.org ');
    const sent = edit.changes;
    edit.set('name', 'Kimberly');
    edit.saved(sent);
    expect(edit.changes).toEqual({ name: 'Kimberly' });
    edit.undo();
});

test('what is typed while a save runs is still to be saved', () => {
    const edit = new Edit('e', kim);
    edit.set('name', 'Kimber');
    const sent = edit.changes;
    edit.set('name', 'Kimberly');
    edit.saved(sent);
    expect(edit.changes).toEqual({ name: 'Kimberly' });
    edit.undo();
});

test('whoever leaves is asked as long as something is not saved', () => {
    const edit = new Edit('f', kim);
    expect(unsaved.any).toBe(false);
    edit.set('name', 'Kimberly');
    expect(unsaved.any).toBe(true);
    edit.undo();
    expect(unsaved.any).toBe(false);
});

test("what goes takes its changes along, and nobody else's", () => {
    for (const name of ['team/1', 'team/1/members', 'team/12']) new Edit(name, kim).set('name', 'K.');
    unsaved.forget('team/1');
    expect(new Edit('team/1', kim).dirty).toBe(false);
    expect(new Edit('team/1/members', kim).dirty).toBe(false);
    expect(new Edit('team/12', kim).dirty).toBe(true);
    unsaved.forget('team/12');
});
