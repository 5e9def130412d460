import { expect, test } from 'vitest';
import { match } from './match';
import { place } from './place';

test('a path gives its parts', () => {
    expect(match('/agents/:id', '/agents/7')).toEqual({ id: '7' });
    expect(match('/agents/:id', '/agents/7/')).toEqual({ id: '7' });
    expect(match('/agents/:id', '/agents')).toBeNull();
    expect(match('/agents/:id', '/agents/7/keys')).toBeNull();
    expect(match('/agents/:id', '/agents/%E0%A4%A')).toBeNull();
});

test('a list and the conversation that is open in it', () => {
    expect(place('/inboxes/assigned')).toEqual({ source: { kind: 'assigned' }, uuid: null });
    expect(place('/teams/3/inbox/conversation/u1')).toEqual({ source: { kind: 'team', id: 3 }, uuid: 'u1' });
    expect(place('/views/9')).toEqual({ source: { kind: 'view', id: 9 }, uuid: null });
    expect(place('/inboxes/others')).toBeNull();
    expect(place('/views/none')).toBeNull();
    expect(place('/teams/3')).toBeNull();
});
