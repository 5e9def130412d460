import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import { Agent } from './harness/agent';
import { begin } from './harness/api';
import { mouse } from './harness/hands';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

const KIM = { email: 'kim@example.org', password: 'Kim-at-Work-42', name: 'Kim' };

const dialog = (page: Page): Locator => page.getByRole('dialog');
const row = (page: Page, words: string): Locator => page.getByRole('listitem').filter({ hasText: words });
/** What stands beside the button that copies it. */
const toCopy = (page: Page, label: string): Locator =>
    page
        .locator('div', { has: page.getByRole('button', { name: `Copy: ${label}` }) })
        .last()
        .locator('code');

async function signIn(page: Page): Promise<void> {
    await page.getByLabel('E-mail').fill(KIM.email);
    await page.getByLabel('Password', { exact: true }).fill(KIM.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Does what a line says in a shell; answers with what it prints. */
async function shell(line: string): Promise<string> {
    return (await promisify(execFile)('bash', ['-c', line])).stdout;
}

test('somebody is invited by a link, works, is locked out, and leaves', async ({ demo, browse }) => {
    const [admin, kim] = [await browse(DESKTOP), await browse(DESKTOP)];
    const visitor = new Visitor(await browse(DESKTOP), mouse);
    await new Agent(admin, mouse).enters(demo.address, demo.administrator, '/agents');
    const agent = new Agent(kim, mouse);

    await test.step('invited without mail', async () => {
        await admin.getByRole('link', { name: 'Invite an agent' }).click();
        await dialog(admin).getByLabel('First name').fill('Kim');
        await dialog(admin).getByLabel('E-mail', { exact: true }).fill(KIM.email);
        await dialog(admin).getByRole('checkbox', { name: 'Support' }).check();
        await dialog(admin).getByRole('button', { name: 'Invite an agent' }).click();
        const link = toCopy(admin, 'Link to choose a password');
        await expect(link).toContainText('/set-password?token=');
        await kim.goto((await link.textContent()) ?? '');
        await kim.getByLabel('New password').fill(KIM.password);
        await kim.getByRole('button', { name: 'Save the password' }).click();
        await signIn(kim);
        await expect(kim.getByRole('heading', { name: /^Mine/ })).toBeVisible();
    });
    await test.step('at work', async () => {
        await dialog(admin).getByRole('link', { name: 'Open the page' }).click();
        await expect(admin.getByRole('heading', { name: 'Kim', level: 1 })).toBeVisible();
        await visitor.open(demo.shop);
        await visitor.write('Is it in stock?');
        await kim.goto(`${demo.address}/inboxes/all`);
        await row(kim, 'Is it in stock?').getByRole('link').click();
        const take = kim.getByRole('button', { name: 'Take it' });
        await take.or(kim.getByRole('heading', { name: 'Why me?' })).waitFor();
        if (await take.isVisible()) await take.click();
        await agent.answers('Six of them.');
        await visitor.sees('Six of them.');
    });
    await test.step('locked out and let in', async () => {
        await admin.getByRole('button', { name: 'Lock …' }).click();
        await expect(dialog(admin)).toContainText('Kim holds 1 conversation.');
        await dialog(admin).getByRole('button', { name: 'Lock' }).click();
        await expect(kim.getByRole('heading', { name: 'Sign in' })).toBeVisible();
        await signIn(kim);
        await expect(kim.getByRole('alert')).toBeVisible();
        await admin.getByRole('button', { name: 'Unlock' }).click();
        await expect(admin.getByRole('button', { name: 'Lock …' })).toBeVisible();
        await kim.getByRole('button', { name: 'Sign in' }).click();
        await expect(kim.getByRole('navigation', { name: 'Desk' })).toBeVisible();
    });
    await test.step('gone, and the work with somebody else', async () => {
        const uuid = await begin(demo.address, demo.inbox, 'Which bulb fits?');
        const id = Number(/\d+$/.exec(new URL(admin.url()).pathname)?.[0]);
        await demo.api.put(`conversations/${uuid}/assignee/user`, { assignee_id: id });
        await admin.getByRole('button', { name: 'Close the account …' }).click();
        await expect(dialog(admin)).toContainText('Kim holds 1 conversation.');
        await expect(dialog(admin)).toContainText('Which bulb fits?');
        const heirs = dialog(admin).getByLabel('Give all of it to');
        await heirs.selectOption(await heirs.locator('option', { hasText: 'Ben Field' }).getAttribute('value'));
        await dialog(admin).getByRole('button', { name: 'Close the account' }).click();
        await expect(kim.getByRole('heading', { name: 'Sign in' })).toBeVisible();
        await admin.goto(`${demo.address}/inboxes/all`);
        await expect(row(admin, 'Which bulb fits?')).toContainText('Ben Field');
    });
});

test("a team's order and limits hold for the next conversation", async ({ demo, browse }) => {
    const [admin, amy, ben] = [await browse(DESKTOP), await browse(DESKTOP), await browse(DESKTOP)];
    const members = admin.locator('ol').getByRole('listitem');
    await new Agent(amy, mouse).enters(demo.address, demo.amy, '/inboxes/assigned');
    await new Agent(ben, mouse).enters(demo.address, demo.ben, '/inboxes/assigned');
    await new Agent(admin, mouse).enters(demo.address, demo.administrator, '/teams');
    await row(admin, 'Support')
        .getByRole('link', { name: /Support/ })
        .last()
        .click();

    await test.step('whoever stands higher is first', async () => {
        await expect(members.first()).toContainText('Amy Stone');
        await admin.getByRole('button', { name: 'Move Ben Field up' }).click();
        await expect(members.first()).toContainText('Ben Field');
        await expect(admin.getByRole('status').filter({ hasText: 'Ben Field is 1 of 2 now.' })).toBeAttached();
        await begin(demo.address, demo.inbox, 'Is it in stock?');
        await expect(row(ben, 'Is it in stock?')).toBeVisible();
    });
    await test.step('and nobody gets more than fits', async () => {
        for (const name of ['Amy Stone', 'Ben Field']) {
            const most = members.filter({ hasText: name }).getByRole('textbox');
            await most.fill('1');
            await most.press('Enter');
            await expect(members.filter({ hasText: name })).toContainText('of 1');
        }
        await begin(demo.address, demo.inbox, 'Which bulb fits?');
        await expect(row(amy, 'Which bulb fits?')).toBeVisible();
        await begin(demo.address, demo.inbox, 'Where is my parcel?');
        await amy.goto(`${demo.address}/queue`);
        await row(amy, 'Where is my parcel?').getByRole('button', { name: 'Why is nobody getting this?' }).click();
        await expect(row(amy, 'Where is my parcel?')).toContainText('2 agents are at their limit');
    });
});

test('an integration works as its example says, until it is revoked', async ({ demo, browse }) => {
    const admin = await browse(DESKTOP);
    await new Agent(admin, mouse).enters(demo.address, demo.administrator, '/admin/integrations');
    await admin.getByRole('button', { name: 'New integration' }).click();
    await admin.getByLabel('Name').fill('Roster');
    await admin.getByRole('main').getByRole('button', { name: 'New integration' }).click();
    const line = (await toCopy(admin, 'Try it in a shell').textContent()) ?? '';
    expect(await shell(line)).toContain(demo.amy.name);
    await admin.getByRole('button', { name: 'I have copied the key' }).click();
    await admin.getByRole('button', { name: 'Revoke: Roster' }).click();
    await admin.getByRole('button', { name: 'Revoke', exact: true }).click();
    await expect(admin.getByRole('status').filter({ hasText: 'Roster is revoked.' })).toBeVisible();
    expect(await shell(line)).not.toContain(demo.amy.name);
});
