import { api, take } from '../../../api/client';
import { desk } from '../../state/desk.svelte';

/** What a team has: unresolved conversations that wait in it or that somebody holds, members, and inboxes that feed it. */
export interface TeamWork {
    waiting: number;
    held: number;
    members: number;
    inboxes: string[];
}

export async function teamWork(team: number): Promise<TeamWork> {
    await desk.statusesAsked;
    const count = async (operator: 'set' | 'not set') => {
        const filters = JSON.stringify([
            { model: 'conversations', field: 'assigned_team_id', operator: 'equals', value: String(team) },
            desk.withStatus((category) => category !== 'resolved'),
            { model: 'conversations', field: 'assigned_user_id', operator, value: '' },
        ]);
        const query = { page_size: 1, filters };
        return (await take(api.GET('/api/v1/conversations/all', { params: { query } }))).total;
    };
    const [waiting, held, members] = await Promise.all([
        count('not set'),
        count('set'),
        take(api.GET('/api/v1/teams/{id}/members', { params: { path: { id: String(team) } } })),
    ]);
    const inboxes = desk.inboxes.filter((inbox) => inbox.muster.default_team === team).map(({ name }) => name);
    return { waiting, held, members: members.length, inboxes };
}
