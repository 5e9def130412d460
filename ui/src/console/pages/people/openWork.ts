import { api, Refusal, take, type Schemas } from '../../../api/client';
import { desk } from '../../state/desk.svelte';
import type { Item } from '../../state/sources';
import { t } from '../../text';

/** Conversations of one team that lose their agent, and who of the team is left to get them. */
export interface Returning {
    team: Schemas['TeamCompact'] | null;
    count: number;
    /** Nobody is given its conversations: they are taken by hand. Null where that can't be seen. */
    manual: boolean | null;
    /** Other members, and those of them who are online. Null where they can't be seen. */
    others: { count: number; online: number } | null;
}

export interface OpenWork {
    total: number;
    groups: Returning[];
    examples: Item[];
    uuids: string[];
}

const LOOKED_AT = 500;
const EXAMPLES = 5;
const AT_ONCE = 100;

async function unresolved(agent: number) {
    const ids = desk.statuses.filter(({ category }) => category !== 'resolved').map(({ id }) => String(id));
    const filters = JSON.stringify([
        { model: 'conversations', field: 'assigned_user_id', operator: 'equals', value: String(agent) },
        { model: 'conversations', field: 'status_id', operator: 'in', value: JSON.stringify(ids) },
    ]);
    const query = { page_size: LOOKED_AT, filters };
    return take(api.GET('/api/v1/conversations/all', { params: { query } }));
}

async function returning(team: number | null, count: number, agent: number): Promise<Returning> {
    if (team === null) return { team: null, count, manual: null, others: null };
    const path = { params: { path: { id: String(team) } } };
    const [found, members] = await Promise.allSettled([
        take(api.GET('/api/v1/teams/{id}', path)),
        take(api.GET('/api/v1/teams/{id}/members', path)),
    ]);
    const others =
        members.status === 'fulfilled'
            ? members.value.filter(({ agent_id, enabled, role }) => agent_id !== agent && enabled && role !== 'analyst')
            : null;
    return {
        team: desk.team(team) ?? null,
        count,
        manual: found.status === 'fulfilled' ? found.value.conversation_assignment_type === 'Manual' : null,
        others: others && {
            count: others.length,
            online: others.filter(({ availability_status }) => availability_status === 'online').length,
        },
    };
}

/** What an agent has in hand, snoozed conversations too: all of it leaves with the account. */
export async function openWork(agent: number): Promise<OpenWork> {
    await desk.statusesAsked;
    const { results, total } = await unresolved(agent);
    const counts = new Map<number | null, number>();
    for (const { assigned_team_id: team } of results) counts.set(team, (counts.get(team) ?? 0) + 1);
    const groups = await Promise.all([...counts].map(([team, count]) => returning(team, count, agent)));
    return {
        total,
        groups: groups.sort((one, other) => other.count - one.count),
        examples: results.slice(0, EXAMPLES),
        uuids: results.map(({ uuid }) => uuid),
    };
}

/** Gives conversations to somebody else. What can't be given, such as to somebody who is full, is refused as a whole at the end. */
export async function handOver(uuids: readonly string[], to: number) {
    const kept: string[] = [];
    for (let first = 0; first < uuids.length; first += AT_ONCE) {
        const body = { uuids: uuids.slice(first, first + AT_ONCE), action: 'assign_user' as const, value: to };
        const outcomes = await take(api.POST('/api/v1/conversations/bulk', { body }));
        for (const { done, message } of outcomes) if (!done) kept.push(message ?? '');
    }
    if (kept.length) {
        throw new Refusal(t('leave.notGiven', { count: kept.length, reason: kept[0] ?? '' }), 409);
    }
}
