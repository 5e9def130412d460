import type { Schemas } from '../../../api/client';
import type { Key } from '../../text';

type Explanation = Pick<Schemas['RoutingExplanation'], 'manual' | 'candidate_count' | 'excluded_counts'>;

/** Where a piece of advice can be followed, and what one has to be allowed for it. */
export function placeOf(help: Key, team: number | null): { href: string; permission: string } | null {
    switch (help) {
        case 'advice.teamClosed':
        case 'advice.members':
            return team === null ? null : { href: `/teams/${team}`, permission: 'teams:manage' };
        case 'advice.room':
        case 'advice.online':
        case 'advice.serving':
            return { href: team === null ? '/agents' : `/agents?team=${team}`, permission: 'users:manage' };
        case 'advice.skill':
            return { href: '/admin/skills', permission: 'teams:manage' };
        default:
            return null;
    }
}

/** What can be done, the likeliest help first, by the words of why somebody may not have a conversation. */
const HELPS: [Key, string[]][] = [
    ['advice.teamClosed', ['team_closed']],
    ['advice.wait', ['wrap_up']],
    ['advice.room', ['full', 'full_in_team']],
    ['advice.online', ['paused', 'reassigning', 'idle', 'absent', 'declared_only']],
    ['advice.skill', ['skill']],
    ['advice.serving', ['not_serving', 'may_not_reply', 'analyst', 'channel']],
];
const MOST = 3;

/** What helps a conversation that nobody gets, in the order in which it is worth trying. */
export function advice({ manual, candidate_count, excluded_counts }: Explanation): Key[] {
    if (manual) return ['advice.byHand'];
    if (candidate_count > 0) return ['queue.soon'];
    const reasons = Object.keys(excluded_counts).map((word) => word.split(':')[0] ?? '');
    const helps = HELPS.filter(([, words]) => words.some((word) => reasons.includes(word))).map(([key]) => key);
    if (helps.length === 0) helps.push('advice.members');
    return helps.slice(0, MOST);
}
