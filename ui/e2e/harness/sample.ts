import { begin, type Api } from './api';
import type { Demo } from './desk';

interface Made {
    id: number;
    uuid: string;
}

export interface Sample {
    /** A conversation with much in it. */
    conversation: string;
    /** Inboxes by what their widget shows first. */
    asking: string;
    greeting: string;
    agent: number;
    team: number;
    skill: number;
    inbox: number;
}

interface Letter {
    first_name: string;
    last_name: string;
    content: string;
    priority?: string;
    tags?: string[];
}

const LETTERS: Letter[] = [
    {
        first_name: 'Ines',
        last_name: 'Okafor',
        content: 'The invoice has last year’s address on it. Could you change it?',
    },
    { first_name: 'Tomás', last_name: 'Vega', content: 'Is the walnut one back before Christmas?', tags: ['stock'] },
    { first_name: 'Rosa', last_name: 'Lindqvist', content: 'I was charged twice for order 4417.', priority: 'Highest' },
    { first_name: 'Idris', last_name: 'Haddad', content: 'Can I pick it up in the shop on Saturday?' },
    {
        first_name: 'Mei',
        last_name: 'Tanaka',
        content: 'The dimmer hums when it is turned low. Is that normal?',
        priority: 'High',
    },
    { first_name: 'Oskar', last_name: 'Brandt', content: 'Thank you, that worked!', tags: ['praise'] },
];

const TALK: [by: 'contact' | 'agent' | 'note', html: string][] = [
    [
        'agent',
        '<p>Good morning, Noor! I am sorry to hear that. Let me ask the carrier:</p><ul><li>when it was seen last</li><li>where it is <b>now</b></li></ul>',
    ],
    ['note', '<p>It is in the depot since Monday; the label is torn. They print a new one today.</p>'],
    ['agent', '<p>They have found it: the label was torn. It comes <b>tomorrow between 9 and 12</b>.</p>'],
    ['contact', '<p>Wonderful, somebody is at home then. Will I have to sign for it?</p>'],
    [
        'agent',
        '<p>No, a name at the bell will do. Here is what they wrote:</p><blockquote>Delivery without signature was agreed.</blockquote>',
    ],
    ['contact', '<p>Perfect. Thank you for being so quick!</p>'],
];

const samples = new WeakMap<Demo, Promise<Sample>>();

/** Fills a demo with what a desk has after some days, once. */
export function sample(demo: Demo): Promise<Sample> {
    const known = samples.get(demo) ?? fill(demo);
    samples.set(demo, known);
    return known;
}

async function fill({ api, address, inbox }: Demo): Promise<Sample> {
    const me = await api.get<{ id: number; first_name: string; email: string; roles: string[] }>('agents/me');
    await api.post('roles', { name: 'Mail', description: '', permissions: ['messages:write_as_contact'] });
    await api.put(`agents/${me.id}`, { ...me, enabled: true, roles: [...me.roles, 'Mail'], teams: ['Support'] });
    const [agent, team, chat] = await Promise.all([first(api, 'agents'), first(api, 'teams'), first(api, 'inboxes')]);
    // A sign that is in fonts without coloured pictures, too.
    await api.put(`teams/${team.id}`, { emoji: '☂' });
    for (const name of ['stock', 'praise', 'delivery']) await api.post('tags', { name });
    const skill = await api.post<Made>('skills', { name: 'French', description: 'Writes it without a dictionary.' });
    await api.post('skills', { name: 'Returns', description: 'Knows the rules for sending something back.' });
    for (const letter of LETTERS) await write(api, chat.id, letter);
    const conversation = await write(api, chat.id, {
        first_name: 'Noor',
        last_name: 'Rahman',
        content: 'My parcel has not arrived. The number is LL-2048.',
        tags: ['delivery'],
    });
    for (const [by, message] of TALK) {
        const sender_type = by === 'contact' ? 'contact' : 'agent';
        await api.post(`conversations/${conversation}/messages`, { message, sender_type, private: by === 'note' });
    }
    await api.put(`conversations/${conversation}/assignee/user`, { assignee_id: me.id });
    await nobodyServes(api, chat.id, team.id, () => begin(address, inbox, 'Do you ship to Norway?'));
    const asking = await widget(api, team.id, 'Lantern & Loom', {
        prechat_form: { enabled: true, title: 'Who are you?', fields: ASKED },
    });
    const greeting = await widget(api, team.id, 'Lantern & Loom', {
        greeting_message: 'Good to see you!',
        introduction_message: 'Ask us anything about lamps and looms.',
        notice_banner: { enabled: true, text: 'Parcels take a day longer this week.' },
    });
    return { conversation, asking, greeting, agent: agent.id, team: team.id, skill: skill.id, inbox: chat.id };
}

async function first(api: Api, kind: 'agents' | 'teams' | 'inboxes'): Promise<Made> {
    const [one] = await api.get<Made[]>(kind);
    if (!one) throw new Error(`no ${kind}`);
    return one;
}

async function write(api: Api, inbox: number, { priority, tags, ...letter }: Letter): Promise<string> {
    const contact_email = `${letter.last_name.toLowerCase()}@example.com`;
    const request = { ...letter, inbox_id: inbox, contact_email, initiator: 'contact' };
    const { uuid } = await api.post<Made>('conversations', request);
    if (priority) await api.put(`conversations/${uuid}/priority`, { priority });
    if (tags) await api.post(`conversations/${uuid}/tags`, { tags, action: 'set_tags' });
    return uuid;
}

/** What happens meanwhile comes to a team that nobody is in. */
async function nobodyServes(api: Api, inbox: number, team: number, meanwhile: () => Promise<unknown>): Promise<void> {
    const evenings = await api.post<Made>('teams', {
        name: 'Evenings',
        emoji: '☾',
        conversation_assignment_type: 'Round robin',
        timezone: 'UTC',
        max_auto_assigned_conversations: 3,
    });
    await api.put(`inboxes/${inbox}`, { muster: { default_team: evenings.id } });
    await meanwhile();
    await api.put(`inboxes/${inbox}`, { muster: { default_team: team } });
}

const field = { placeholder: '', enabled: true, is_default: true, custom_attribute_id: 0 };
const ASKED = [
    { ...field, key: 'name', type: 'text', label: 'Name', required: true, order: 1 },
    { ...field, key: 'email', type: 'email', label: 'E-mail', required: false, order: 2 },
];

async function widget(api: Api, team: number, brand: string, config: object): Promise<string> {
    const { uuid } = await api.post<Made>('inboxes', {
        name: brand,
        channel: 'livechat',
        enabled: true,
        csat_enabled: true,
        config: { brand_name: brand, ...config },
        muster: { default_team: team },
    });
    return uuid;
}
