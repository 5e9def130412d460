import type { Locator, Page } from '@playwright/test';
import { Agent } from './harness/agent';
import { begin, idOf } from './harness/api';
import { mouse } from './harness/hands';
import { HostPage } from './harness/host';
import { makeAgent, makeInbox, setUp } from './harness/setUp';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

const reply = (page: Page): Locator => page.getByRole('textbox', { name: 'Reply' });
const row = (page: Page, words: string): Locator => page.getByRole('listitem').filter({ hasText: words });
const state = (page: Page, word: string): Locator =>
    page.getByRole('button', { name: new RegExp(`^Your state: .* ${word} ·`) });

async function choose(page: Page, word: string): Promise<void> {
    await page.getByRole('button', { name: /^Your state/ }).click();
    await page.getByRole('menuitemradio', { name: new RegExp(`^${word}`) }).click();
}

test('two pages of one agent are one agent', async ({ ownDesk, origins, browse }) => {
    const admin = await setUp(ownDesk);
    const inbox = await makeInbox(admin, 'Support');
    const account = await makeAgent(admin, 'Amy', 'Support');
    const shop = await HostPage.start(ownDesk.address, inbox);
    origins.push(shop.address);
    const visitor = new Visitor(await browse(DESKTOP), mouse);
    const one = await browse(DESKTOP);
    await one.context().clock.install();
    const agent = new Agent(one, mouse);
    await agent.enters(ownDesk.address, account, '/inboxes/assigned');
    await expect(state(one, 'Online')).toBeVisible();
    await visitor.open(shop.address);
    await visitor.write('Does the lamp dim?');
    await row(one, 'Does the lamp dim?').getByRole('link').click();
    await agent.sees('Does the lamp dim?');
    const two = await one.context().newPage();

    await test.step('a letter goes out once', async () => {
        await reply(one).pressSequentially('With the small wheel.');
        await one.getByRole('button', { name: 'Send', exact: true }).click();
        await two.goto(one.url());
        await visitor.sees('With the small wheel.');
        for (const page of [one, two]) {
            await expect(page.getByRole('article', { name: 'Message from Amy' })).toHaveCount(1);
            await expect(page.getByRole('article', { name: 'Message on its way' })).toHaveCount(0);
            await expect(reply(page)).toHaveText('');
        }
        await visitor.write('Thank you!');
        await agent.sees('Thank you!');
        await expect(visitor.frame.getByRole('log').getByText('With the small wheel.')).toHaveCount(1);
    });
    await test.step('a state is chosen for both', async () => {
        await choose(two, 'Away: Without a reason');
        await expect(state(one, 'Away')).toBeVisible();
        await choose(one, 'Online');
        await expect(state(two, 'Online')).toBeVisible();
    });
    await test.step('a hand on one keeps both awake', async () => {
        const states: (string | null)[] = [];
        for (const page of [one, two]) {
            page.on('request', (request) => {
                if (request.method() === 'PUT' && request.url().endsWith('/availability'))
                    states.push(request.postData());
            });
        }
        await one.clock.fastForward('04:00');
        await two.mouse.move(200, 200);
        await two.mouse.move(240, 240);
        await one.clock.fastForward('04:00');
        await visitor.write('And how heavy is it?');
        await agent.sees('And how heavy is it?');
        expect(states).toEqual([]);
        await one.clock.fastForward('06:00');
        for (const page of [one, two]) await expect(state(page, 'Idle')).toBeVisible();
        await two.mouse.move(200, 200);
        for (const page of [one, two]) await expect(state(page, 'Online')).toBeVisible();
    });
    await test.step('one that is closed does not take the agent away', async () => {
        await two.close();
        await begin(ownDesk.address, inbox, 'Which bulb fits?');
        await expect(row(one, 'Which bulb fits?')).toBeVisible();
    });
    await shop.end();
});

test('an expired session and a lost network cost nobody a word', async ({ demo, browse }) => {
    const visitor = new Visitor(await browse(DESKTOP), mouse);
    await visitor.open(demo.shop);
    await visitor.write('Is it in stock?');
    const page = await browse(DESKTOP);
    const agent = new Agent(page, mouse);
    await agent.enters(demo.address, demo.amy, '/inboxes/all');
    await row(page, 'Is it in stock?').getByRole('link').click();

    await test.step('signed out while writing', async () => {
        let letGo = () => {};
        const held = new Promise<void>((done) => (letGo = done));
        await page.route('**/draft', async (route) => {
            await held;
            await route.continue();
        });
        await reply(page).pressSequentially('Six of them');
        await demo.api.delete(`agents/${await idOf(demo.api, demo.amy)}/sessions`);
        letGo();
        await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
        await page.getByLabel('E-mail').fill(demo.amy.email);
        await page.getByLabel('Password', { exact: true }).fill(demo.amy.password);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await expect(reply(page)).toHaveText('Six of them');
    });
    await test.step('without a network', async () => {
        await page.context().setOffline(true);
        await expect(page.getByText(/^No connection since/)).toBeVisible();
        await visitor.write('And the blue one?');
        await reply(page).press('Control+End');
        await reply(page).pressSequentially('.');
        await expect(page.getByText('Draft kept in this browser')).toBeVisible();
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await expect(page.getByText(/^Not sent/)).toBeVisible();
    });
    await test.step('and with one again', async () => {
        await page.context().setOffline(false);
        await expect(page.getByText(/^No connection since/)).toBeHidden();
        await agent.sees('And the blue one?');
        await page.getByRole('button', { name: 'Try again' }).click();
        await visitor.sees('Six of them.');
        await expect(visitor.frame.getByRole('log').getByText('Six of them.')).toHaveCount(1);
    });
});

test('what two pages keep while the desk is away is kept of both', async ({ demo, browse }) => {
    const uuids = [
        await begin(demo.address, demo.inbox, 'Which bulb fits?'),
        await begin(demo.address, demo.inbox, 'Where is my parcel?'),
    ];
    const one = await browse(DESKTOP);
    const at = (uuid = '') => `/inboxes/all/conversation/${uuid}`;
    await new Agent(one, mouse).enters(demo.address, demo.administrator, at(uuids[0]));
    const two = await one.context().newPage();
    await two.goto(demo.address + at(uuids[1]));
    await expect(reply(one)).toBeVisible();
    await expect(reply(two)).toBeVisible();
    await one.context().setOffline(true);
    await reply(one).pressSequentially('One with a small base');
    await reply(two).pressSequentially('Tomorrow');
    await expect(two.getByText('Draft kept in this browser')).toBeVisible();
    await one.close();
    await two.close();
    await two.context().setOffline(false);
    const three = await two.context().newPage();
    await three.goto(demo.address + at(uuids[0]));
    await expect(reply(three)).toHaveText('One with a small base');
    await three.goto(demo.address + at(uuids[1]));
    await expect(reply(three)).toHaveText('Tomorrow');
});
