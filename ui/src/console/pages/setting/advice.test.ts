import { expect, test } from 'vitest';
import { advice, placeOf } from './advice';

const waits = { manual: false, candidate_count: 0, excluded_counts: {} };

test('what is taken by hand is taken by hand', () => {
    expect(advice({ ...waits, manual: true, excluded_counts: { full: 2 } })).toEqual(['advice.byHand']);
});

test('what helps soonest comes first', () => {
    const excluded_counts = { not_member: 9, paused: 2, full: 1, 'skill:7': 1 };
    expect(advice({ ...waits, excluded_counts })).toEqual(['advice.room', 'advice.online', 'advice.skill']);
});

test('a team that nobody is in needs members', () => {
    expect(advice({ ...waits, excluded_counts: { not_member: 3 } })).toEqual(['advice.members']);
});

test('where somebody could have it, nothing has to be done', () => {
    expect(advice({ ...waits, candidate_count: 1, excluded_counts: { full: 1 } })).toEqual(['queue.soon']);
});

test('advice about a team leads to it, and advice about people to those of the team', () => {
    expect(placeOf('advice.members', 7)?.href).toBe('/teams/7');
    expect(placeOf('advice.online', 7)?.href).toBe('/agents?team=7');
    expect(placeOf('advice.byHand', 7)).toBeNull();
});
