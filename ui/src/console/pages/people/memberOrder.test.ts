import { expect, test } from 'vitest';
import { moved, renumbered, withNumbers } from './memberOrder';

const at = (agent_id: number, order: number) => ({ agent_id, order });
const ids = (members: { agent_id: number }[]) => members.map(({ agent_id }) => agent_id);

test('a member goes to another place', () => {
    const members = [at(1, 0), at(2, 1), at(3, 2)];
    expect(ids(moved(members, 3, 0))).toEqual([3, 1, 2]);
    expect(ids(moved(members, 1, 9))).toEqual([2, 3, 1]);
    expect(ids(moved(members, 9, 0))).toEqual([1, 2, 3]);
});

test('members who never had an order get one', () => {
    expect(renumbered([at(3, 0), at(1, 0), at(2, 0)])).toEqual([at(1, 1), at(2, 2)]);
});

test('nobody who stands rightly gets another number', () => {
    expect(renumbered([at(1, 0), at(2, 5), at(3, 7)])).toEqual([]);
    expect(renumbered([at(1, 0), at(3, 7), at(2, 5), at(4, 9)])).toEqual([at(2, 8)]);
});

test('the new numbers stand in the list, so that the next move counts on from them', () => {
    const after = moved([at(1, 0), at(2, 1), at(3, 2)], 3, 0);
    const shown = withNumbers(after, renumbered(after));
    expect(shown).toEqual([at(3, 2), at(1, 3), at(2, 4)]);
    expect(renumbered(moved(shown, 2, 1))).toEqual([at(1, 5)]);
});
