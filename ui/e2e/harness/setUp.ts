import { Api } from './api';
import type { Account, OwnDesk } from './desk';

const ADMINISTRATOR: Account = { email: 'kim@example.org', password: 'Lantern-and-Loom-7', name: 'Kim' };

const CSRF = 'csrf_token=';

interface Made {
    id: number;
}

/** Uses up the set-up link, from a script; answers with an administrator's way to the API. */
export async function setUp(desk: OwnDesk): Promise<Api> {
    const answer = await fetch(`${desk.address}/api/v1/setup`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
            token: new URL(desk.setUpLink).hash.slice(1),
            first_name: ADMINISTRATOR.name,
            email: ADMINISTRATOR.email,
            password: ADMINISTRATOR.password,
        }),
    });
    const { data } = (await answer.json()) as { data: Made };
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
    const token = cookies.find((cookie) => cookie.startsWith(CSRF))?.slice(CSRF.length) ?? '';
    const session = new Api(desk.address, null, { Cookie: cookies.join('; '), 'X-CSRFTOKEN': token });
    const key = await session.post<{ api_key: string; api_secret: string }>(`agents/${data.id}/api-key`);
    return new Api(desk.address, [key.api_key, key.api_secret]);
}

/** A chat's inbox whose conversations go to a team; answers with its UUID. */
export async function makeInbox(admin: Api, team: string): Promise<string> {
    const made = await admin.post<Made>('teams', {
        name: team,
        emoji: '🛟',
        conversation_assignment_type: 'Round robin',
        timezone: 'UTC',
        max_auto_assigned_conversations: 0,
    });
    const inbox = await admin.post<{ uuid: string }>('inboxes', {
        name: 'Website chat',
        channel: 'livechat',
        enabled: true,
        csat_enabled: true,
        config: { brand_name: 'Lantern & Loom' },
        muster: { default_team: made.id },
    });
    return inbox.uuid;
}

export async function makeAgent(admin: Api, name: string, team: string): Promise<Account> {
    const account = { name, email: `${name.toLowerCase()}@example.org`, password: `${name}-at-Work-42` };
    const agent = { first_name: name, email: account.email, enabled: true, roles: ['Agent'], teams: [team] };
    const { id } = await admin.post<Made>('agents', { ...agent, send_welcome_email: false });
    await admin.put(`agents/${id}`, { ...agent, new_password: account.password });
    return account;
}
