import { expect, test } from 'vitest';
import type { Schemas } from '../../api/client';
import { advantage, exclusions } from './why';

type Explanation = Schemas['RoutingExplanation'];
type Candidate = Schemas['RoutingCandidate'];

const candidate = (agent: string, given: Partial<Candidate> = {}): Candidate => ({
    agent_id: 1,
    agent,
    preferred: false,
    open_conversations: 0,
    levels: [],
    order: 0,
    assignment_count: 0,
    last_assigned_at: null,
    ...given,
});

const explanation = (given: Partial<Explanation>): Explanation => ({
    policy_version: 1,
    team_id: 1,
    manual: false,
    skills: [],
    candidates: [],
    candidate_count: given.candidates?.length ?? 0,
    excluded: [],
    excluded_counts: {},
    reasons: [],
    ...given,
});

test('the first thing that tells two candidates apart is the reason', () => {
    const amy = candidate('Amy', { open_conversations: 1 });
    const ben = candidate('Ben', { open_conversations: 2 });
    expect(advantage(explanation({ candidates: [amy, ben] }))).toBe(
        'With 1 open conversation, that was less than Ben (2).',
    );
    expect(advantage(explanation({ candidates: [amy] }))).toBe('Nobody else was free and fitting.');
    expect(advantage(explanation({ candidates: [] }))).toBe('');
});

test('what keeps most people from it comes first; an unknown word is shown as it is', () => {
    expect(exclusions(explanation({ excluded_counts: { 'skill:7': 1, full: 3, moonlit: 2 } }))).toEqual([
        '3 agents are at their limit',
        '2 agents: moonlit',
        '1 agent lacks a skill it asks for',
    ]);
});

test('reasons that say the same are counted together', () => {
    expect(exclusions(explanation({ excluded_counts: { disabled: 1, full: 1, locked: 1 } }))).toEqual([
        '2 accounts are closed or locked',
        '1 agent is at the limit',
    ]);
});
