import type { Locator, Page } from '@playwright/test';
import { Agent } from './harness/agent';
import { begin, idOf } from './harness/api';
import type { Account, Demo } from './harness/desk';
import { behind, paste, PICTURE, text, type Given } from './harness/files';
import { mouse } from './harness/hands';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

interface Conversation {
    uuid: string;
    contact_id: number;
}

const reply = (page: Page): Locator => page.getByRole('textbox', { name: 'Reply' });
const row = (page: Page, words: string): Locator => page.getByRole('listitem').filter({ hasText: words });

/** A visitor's chat, begun from a script, that an agent has. */
async function chatOf(demo: Demo, agent: Account, message: string): Promise<string> {
    const uuid = await begin(demo.address, demo.inbox, message);
    await give(demo, agent, uuid);
    return uuid;
}

async function give({ api }: Demo, agent: Account, uuid: string): Promise<void> {
    await api.put(`conversations/${uuid}/assignee/user`, { assignee_id: await idOf(api, agent) });
}

/** A visitor at a browser, whose chat an agent has. */
async function visitorOf(demo: Demo, agent: Account, page: Page, message: string): Promise<[Visitor, string]> {
    const visitor = new Visitor(page, mouse);
    await visitor.open(demo.shop);
    await visitor.write(message);
    const all = () => demo.api.get<{ results: Conversation[] }>('conversations/all');
    await expect.poll(async () => (await all()).results.length).toBe(1);
    const uuid = (await all()).results[0]?.uuid ?? '';
    await give(demo, agent, uuid);
    return [visitor, uuid];
}

const mine = (uuid: string) => `/inboxes/assigned/conversation/${uuid}`;

test('what was typed and attached waits wherever its agent looks', async ({ demo, browse }) => {
    const one = await chatOf(demo, demo.amy, 'Which bulb fits?');
    await chatOf(demo, demo.amy, 'Where is my parcel?');
    const [desk, home] = [await browse(DESKTOP), await browse(DESKTOP)];
    const atDesk = new Agent(desk, mouse);
    const atHome = new Agent(home, mouse);
    const isThere = async (page: Page, words: string) => {
        await expect(reply(page)).toHaveText(words);
        await expect(page.getByRole('button', { name: 'Remove bulbs.txt' })).toBeVisible();
    };

    await test.step('through other conversations and a reload', async () => {
        await atDesk.enters(demo.address, demo.amy, mine(one));
        await reply(desk).pressSequentially('One with a small');
        const chooser = desk.waitForEvent('filechooser');
        await desk.getByRole('button', { name: 'Attach files' }).click();
        await (await chooser).setFiles(text('bulbs.txt', 'E14'));
        await isThere(desk, 'One with a small');
        await row(desk, 'Where is my parcel?').getByRole('link').click();
        await atDesk.sees('Where is my parcel?');
        await expect(reply(desk)).toHaveText('');
        await expect(row(desk, 'Which bulb fits?')).toContainText('Draft');
        await row(desk, 'Which bulb fits?').getByRole('link').click();
        await isThere(desk, 'One with a small');
        await expect(desk.getByText('Draft saved')).toBeVisible();
        await desk.reload();
        await isThere(desk, 'One with a small');
    });
    await test.step('at another browser', async () => {
        await atHome.enters(demo.address, demo.amy, mine(one));
        await isThere(home, 'One with a small');
        await reply(home).press('End');
        await reply(home).pressSequentially(' base.');
        await home.goto(`${demo.address}/account`);
    });
    await test.step('and sent, it is nowhere any more', async () => {
        await desk.reload();
        await isThere(desk, 'One with a small base.');
        await desk.getByRole('button', { name: 'Send', exact: true }).click();
        await expect(desk.getByRole('article', { name: 'Message from Amy Stone' })).toContainText('bulbs.txt');
        await home.goto(demo.address + mine(one));
        await atHome.sees('One with a small base.');
        await expect(reply(home)).toHaveText('');
        await expect(home.getByRole('button', { name: /^Remove/ })).toHaveCount(0);
        await expect(row(home, 'One with a small base.')).not.toContainText('Draft');
    });
});

const PICKED = text('Rückgabe & Umtausch.txt', 'Within thirty days – ohne Gründe.');
const DROPPED: Given = { name: 'manual.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n%%EOF\n') };

test('files go both ways, however they were given', async ({ demo, browse }) => {
    await demo.api.put('inboxes/1', { config: { features: { file_upload: true } } });
    const [visitor, uuid] = await visitorOf(demo, demo.amy, await browse(DESKTOP), 'How do I return it?');
    const amy = await browse(DESKTOP);
    await new Agent(amy, mouse).enters(demo.address, demo.amy, mine(uuid));

    await test.step('to the customer', async () => {
        const section = amy.getByRole('region', { name: 'Write' });
        const chooser = amy.waitForEvent('filechooser');
        await section.getByRole('button', { name: 'Attach files' }).click();
        await (await chooser).setFiles(PICKED);
        await paste(reply(amy), PICTURE);
        await section.drop({ files: DROPPED });
        for (const { name } of [PICKED, PICTURE, DROPPED]) {
            await expect(section.getByRole('button', { name: `Remove ${name}` })).toBeVisible();
        }
        await section.getByRole('button', { name: 'Send', exact: true }).click();
        await arrived(visitor.frame.getByRole('log'));
    });
    await test.step('to the agent', async () => {
        const { frame } = visitor;
        const message = frame.getByRole('textbox', { name: 'Message' });
        const chooser = visitor.page.waitForEvent('filechooser');
        await frame.getByRole('button', { name: 'Attach files' }).click();
        await (await chooser).setFiles(PICKED);
        await paste(message, PICTURE);
        await frame.getByRole('log').drop({ files: DROPPED });
        await expect(frame.getByText('Sending…')).toHaveCount(0);
        const guest = amy.getByRole('article', { name: /^Message from Guest/ });
        await expect(guest).toHaveCount(4);
        await arrived(guest);
    });
});

/** All three are there, by name and byte for byte. */
async function arrived(within: Locator): Promise<void> {
    for (const { name, buffer } of [PICKED, PICTURE, DROPPED]) {
        const link = within.getByRole('link', { name });
        await expect(link).toBeVisible();
        expect((await behind(link)).equals(buffer), name).toBe(true);
    }
    const picture = within.getByRole('link', { name: PICTURE.name }).locator('img');
    await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1);
}

test('notes call colleagues, macros help, and what was sent can be taken back', async ({ demo, browse }) => {
    await demo.api.post('tags', { name: 'delay' });
    await demo.api.post('macros', {
        name: 'Late parcel',
        message_content: '<p>We are sorry that it is <b>late</b>.</p>',
        visible_when: ['replying'],
        actions: [{ type: 'add_tags', value: ['delay'] }],
    });
    const [visitor, uuid] = await visitorOf(demo, demo.amy, await browse(DESKTOP), 'Where is my parcel?');
    const [amy, ben] = [await browse(DESKTOP), await browse(DESKTOP)];
    const agent = new Agent(amy, mouse);
    await amy.clock.install();
    await agent.enters(demo.address, demo.amy, mine(uuid));
    await new Agent(ben, mouse).enters(demo.address, demo.ben, '/inboxes/assigned');

    await test.step('a note that calls somebody', async () => {
        await amy.getByRole('button', { name: 'Note', exact: true }).click();
        const note = amy.getByRole('textbox', { name: 'Note' });
        await note.pressSequentially('Ask the carrier, @be');
        await expect(amy.getByRole('option', { name: 'Ben Field' })).toBeVisible();
        await note.press('Enter');
        await note.pressSequentially('please');
        await amy.getByRole('button', { name: 'Add note' }).click();
        await ben.getByRole('button', { name: 'Notifications, 1 unread' }).click();
        await ben.getByRole('dialog', { name: 'Notifications' }).getByRole('link').click();
        await expect(ben.getByRole('article', { name: 'Note by Amy Stone' })).toContainText('@Ben Field please');
        await expect(ben.getByRole('button', { name: 'Notifications, 0 unread' })).toBeVisible();
        expect(new URL(ben.url()).pathname).toContain('/inboxes/mentioned/');
    });
    await test.step('a macro, and back again', async () => {
        await amy.getByRole('button', { name: 'Reply', exact: true }).click();
        await amy.getByRole('button', { name: 'Macro' }).click();
        await amy.getByRole('option', { name: 'Late parcel' }).click();
        await expect(reply(amy)).toHaveText('We are sorry that it is late.');
        await expect(amy.getByRole('button', { name: 'Tags: delay' })).toBeVisible();
        await amy.clock.pauseAt(Date.now() + 60_000);
        await amy.getByRole('button', { name: 'Send', exact: true }).click();
        await amy.getByRole('button', { name: 'Undo' }).click();
        await amy.clock.resume();
        await expect(reply(amy)).toHaveText('We are sorry that it is late.');
        await expect(reply(amy)).toBeFocused();
    });
    await test.step('sent and resolved', async () => {
        await reply(amy).press('Control+End');
        await reply(amy).pressSequentially(' It comes tomorrow.');
        await amy.getByRole('button', { name: 'More ways to send' }).click();
        await amy.getByRole('menuitem', { name: /^Send and resolve/ }).click();
        await visitor.sees('We are sorry that it is late. It comes tomorrow.');
        await expect(amy.getByRole('button', { name: 'Status: Resolved' })).toBeVisible();
        await expect(visitor.frame.getByRole('group', { name: 'How did we do?' })).toBeVisible();
        await expect(visitor.frame.getByRole('log').getByText('We are sorry')).toHaveCount(1);
        await expect(visitor.frame.getByRole('log')).not.toContainText('Ask the carrier');
    });
});

test('what the desk refuses is put back and said, and the text is kept', async ({ demo, browse }) => {
    const { api } = demo;
    const role = { name: 'Own work', permissions: OWN_WORK };
    await api.post('roles', role);
    const amyId = await idOf(api, demo.amy);
    await api.put(`agents/${amyId}`, { first_name: 'Amy', email: demo.amy.email, roles: [role.name] });
    const [visitor, uuid] = await visitorOf(demo, demo.amy, await browse(DESKTOP), 'Is it in stock?');
    const page = await browse(DESKTOP);
    const amy = new Agent(page, mouse);
    await amy.enters(demo.address, demo.amy, mine(uuid));

    await test.step('the inbox was turned off meanwhile', async () => {
        await api.put('inboxes/1/toggle');
        await reply(page).pressSequentially('Six of them.');
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await expect(page.getByText('Not sent. Inbox is disabled')).toBeVisible();
        await page.reload();
        await expect(page.getByRole('article', { name: 'Message on its way' })).toContainText('Six of them.');
        await api.put('inboxes/1/toggle');
        await page.getByRole('button', { name: 'Edit' }).click();
        await expect(reply(page)).toHaveText('Six of them.');
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await visitor.sees('Six of them.');
    });
    await test.step('it can be resolved with a tag only', async () => {
        await api.put('teams/1', { muster: { tag_required: true } });
        await reply(page).pressSequentially('Shall I keep one?');
        await reply(page).press('Control+Shift+Enter');
        await visitor.sees('Shall I keep one?');
        await expect(page.getByRole('alert')).toContainText('the conversation could not be resolved');
        await page.getByRole('button', { name: 'Close', exact: true }).click();
        await page.getByRole('button', { name: 'Resolve', exact: true }).click();
        await expect(page.getByRole('alert')).toBeVisible();
        await expect(page.getByRole('button', { name: 'Status: Open' })).toBeVisible();
        await page.getByRole('button', { name: 'Close', exact: true }).click();
    });
    await test.step('somebody else was given it', async () => {
        await reply(page).pressSequentially('Until Friday');
        await give(demo, demo.ben, uuid);
        await expect(page.getByRole('heading', { name: 'This conversation is not yours to see' })).toBeVisible();
        await expect(row(page, 'Shall I keep one?')).toHaveCount(0);
        await give(demo, demo.amy, uuid);
        await expect(row(page, 'Shall I keep one?')).toBeVisible();
        await expect(reply(page)).toHaveText('Until Friday');
    });
    await test.step('the customer was blocked', async () => {
        const { contact_id } = await api.get<Conversation>(`conversations/${uuid}`);
        await api.put(`contacts/${contact_id}/block`, { enabled: false });
        await visitor.write('I take it!');
        await expect(visitor.frame.getByRole('log')).toContainText('Not sent.');
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await amy.sees('Until Friday');
        await expect(page.getByRole('log')).not.toContainText('I take it!');
    });
});

const OWN_WORK = [
    'conversations:read',
    'conversations:read_assigned',
    'conversations:update_status',
    'messages:read',
    'messages:write',
];
