import type { Page } from '@playwright/test';
import { Api, begin } from './harness/api';
import { enter } from './harness/console';
import { mouse } from './harness/hands';
import { HOSTILE } from './harness/hostile';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

interface Administrator {
    id: number;
    first_name: string;
    email: string;
    roles: string[];
}

interface Conversation {
    uuid: string;
}

/** Lets the administrator's key write in a contact's name, as mail that comes in. */
async function mayWriteForContacts(admin: Api): Promise<void> {
    const role = { name: 'Mail', description: '', permissions: ['messages:write_as_contact'] };
    await admin.post('roles', role);
    const { id, first_name, email, roles } = await admin.get<Administrator>('agents/me');
    await admin.put(`agents/${id}`, { first_name, email, enabled: true, roles: [...roles, role.name] });
}

/** The console's own title; what mail is shown in has none. */
const CONSOLE = new Set(['Muster', '']);
const END = 'This is the end of it.';

const titles = (page: Page): Promise<string[]> => Promise.all(page.frames().map((frame) => frame.title()));

/** Nothing of the page was changed, and every frame in it has had its chance. */
async function isUntouched(page: Page, before: ReadonlySet<string>): Promise<void> {
    await expect(page.locator('.skeleton')).toHaveCount(0);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    for (const title of await titles(page)) expect(before).toContain(title);
    for (const frame of page.frames()) expect(frame.url()).not.toContain('outside.example.com');
}

test('what others wrote as mail is nothing but text and form', async ({ demo, browse, watch }) => {
    watch.keptOut = /outside\.example\.com\/pixel\.png/;
    const { api, inbox } = demo;
    await mayWriteForContacts(api);
    const [chat] = await api.get<{ id: number; uuid: string }[]>('inboxes');
    const mail = {
        inbox_id: chat?.id,
        contact_email: 'mallory@example.com',
        first_name: HOSTILE[4],
        last_name: HOSTILE[8],
        subject: HOSTILE[0],
        content: HOSTILE.slice(4, 7).join(''),
        initiator: 'contact',
    };
    const { uuid } = await api.post<Conversation>('conversations', mail);
    const write = (message: string, sender: string) =>
        api.post(`conversations/${uuid}/messages`, { message, sender_type: sender });
    for (const html of HOSTILE) await write(`<p>From mail.</p>${html}`, 'contact');
    for (const html of HOSTILE) await write(`<p>From an agent.</p>${html}`, 'agent');
    await begin(demo.address, inbox, HOSTILE.join('\n').slice(0, 9000));
    await write(`<p>${END}</p>`, 'contact');

    const page = await browse(DESKTOP);
    await enter(page, demo.address, demo.administrator);
    await page.goto(`${demo.address}/inboxes/all/conversation/${uuid}`);
    await expect(page.getByRole('log')).toContainText(END);
    const toTheTop = async () => {
        await page.getByRole('log').press('Home');
        return page.getByRole('button', { name: /^(Earlier messages|Loading …)$/ }).count();
    };
    await expect.poll(toTheTop).toBe(0);
    await isUntouched(page, CONSOLE);
    await page.getByRole('listitem').filter({ hasText: 'alert(1)' }).getByRole('link').first().click();
    await isUntouched(page, CONSOLE);
});

test('what agents and visitors wrote does nothing in the widget', async ({ demo, browse, watch }) => {
    watch.keptOut = /outside\.example\.com\/pixel\.png/;
    const page = await browse(DESKTOP);
    const visitor = new Visitor(page, mouse);
    await visitor.open(demo.shop);
    const before = new Set(await titles(page));
    await visitor.write('Hello');
    const open = () => demo.api.get<{ results: Conversation[] }>('conversations/all');
    await expect.poll(async () => (await open()).results.length).toBe(1);
    const uuid = (await open()).results[0]?.uuid;
    const write = (api: Api, message: string) =>
        api.post(`conversations/${uuid}/messages`, { message, sender_type: 'agent' });
    for (const html of HOSTILE) await write(demo.api, `<p>From an agent.</p>${html}`);
    await visitor.write(HOSTILE[4] ?? '');
    await write(demo.api, `<p>${END}</p>`);
    await visitor.sees(END);
    await isUntouched(page, before);
});
