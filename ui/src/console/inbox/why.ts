import type { Schemas } from '../../api/client';
import { t, type Key } from '../text';

type Explanation = Schemas['RoutingExplanation'];

/** Reasons by the key of their text; several say the same to a reader. */
const REASONS: Record<string, Key> = {
    not_member: 'why.not_member',
    absent: 'why.absent',
    declared_only: 'why.absent',
    paused: 'why.paused',
    reassigning: 'why.paused',
    idle: 'why.idle',
    wrap_up: 'why.wrap_up',
    full: 'why.full',
    full_in_team: 'why.full',
    gone: 'why.disabled',
    disabled: 'why.disabled',
    locked: 'why.disabled',
    not_serving: 'why.not_serving',
    may_not_reply: 'why.not_serving',
    analyst: 'why.not_serving',
    team_closed: 'why.team_closed',
    channel: 'why.channel',
    excluded: 'why.excluded',
    skill: 'why.skill',
};

const isKey = (what: string): what is Key => Object.values(REASONS).includes(what as Key);

/** "3 agents are at their limit": what keeps people from a conversation, most frequent first. */
export function exclusions(explanation: Explanation): string[] {
    const counts = new Map<string, number>();
    for (const [word, count] of Object.entries(explanation.excluded_counts)) {
        const [name = ''] = word.split(':');
        const what = REASONS[name] ?? word;
        counts.set(what, (counts.get(what) ?? 0) + count);
    }
    return [...counts]
        .sort(([, one], [, other]) => other - one)
        .map(([what, count]) => (isKey(what) ? t(what, { count }) : t('why.other', { count, reason: what })));
}

/** Why the first candidate was better than the second: the first thing in the order that tells them apart. */
export function advantage({ candidates, candidate_count }: Explanation): string {
    const [first, second] = candidates;
    if (!first) return '';
    if (first.preferred) return t('why.preferred');
    if (!second || candidate_count === 1) return t('why.only');
    if (first.open_conversations < second.open_conversations) {
        return t('why.fewest', {
            count: first.open_conversations,
            other: second.agent,
            others: second.open_conversations,
        });
    }
    if (first.levels.some((level, index) => level > (second.levels[index] ?? 0))) return t('why.level');
    if ((first.order ?? 0) < (second.order ?? 0)) return t('why.order');
    if (first.last_assigned_at === null) return t('why.never');
    return t('why.longest', { other: second.agent });
}
