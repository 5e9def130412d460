import { api, Refusal, take, type Schemas } from '../../../api/client';
import { desk } from '../../state/desk.svelte';
import type { Item } from '../../state/sources';
import { reason } from '../../state/toasts.svelte';
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
}

const LOOKED_AT = 500;
const EXAMPLES = 5;
const AT_ONCE = 6;

async function unresolved(agent: number) {
    const filters = JSON.stringify([
        { model: 'conversations', field: 'assigned_user_id', operator: 'equals', value: String(agent) },
        desk.withStatus((category) => category !== 'resolved'),
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
    };
}

/** Gives each of these to somebody else, unless its agent has it no more; returns why some were not given. */
async function giveEach(items: readonly Item[], from: number, to: number): Promise<unknown[]> {
    const waiting = items.map(({ uuid }) => uuid);
    const failures: unknown[] = [];
    const next = async () => {
        for (let uuid = waiting.shift(); uuid !== undefined; uuid = waiting.shift()) {
            const request = {
                params: { path: { uuid } },
                body: { assignee_id: to, expected_assignee_id: from },
            };
            try {
                await take(api.PUT('/api/v1/conversations/{uuid}/assignee/user', request));
            } catch (failure) {
                failures.push(failure);
            }
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    return failures;
}

/** Gives all that an agent has to somebody else. What can't be given, such as to somebody who is full, is refused at the end. */
export async function handOver(from: number, to: number) {
    let stuck: unknown;
    for (;;) {
        const { results, total } = await unresolved(from);
        if (results.length === 0) return;
        if (stuck) throw new Refusal(t('leave.notGiven', { count: total, reason: reason(stuck) }), 409);
        const failures = await giveEach(results, from, to);
        if (failures.length === results.length) stuck = failures[0];
    }
}
