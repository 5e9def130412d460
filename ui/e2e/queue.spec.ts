import type { Locator, Page } from '@playwright/test';
import { Agent } from './harness/agent';
import { begin } from './harness/api';
import type { Demo } from './harness/desk';
import { mouse } from './harness/hands';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

const LAMP = 'Is the lamp still made?';
const PARCEL = 'Where is my parcel?';
const BULB = 'Which bulb fits?';
const RETURN = 'How do I return it?';

const among = (page: Page, list: string, words: string): Locator =>
    page.getByRole('region', { name: list }).getByRole('listitem').filter({ hasText: words });

/** New chats go to a team that nobody is in. */
async function nobodyServes({ api }: Demo): Promise<void> {
    const team = await api.post<{ id: number }>('teams', {
        name: 'Evenings',
        emoji: '🌙',
        conversation_assignment_type: 'Round robin',
        timezone: 'UTC',
        max_auto_assigned_conversations: 0,
    });
    await api.put('inboxes/1', { muster: { default_team: team.id } });
}

test('whoever waits is seen with the reason, and taken once', async ({ demo, browse }) => {
    await nobodyServes(demo);
    const waits = (message: string) => begin(demo.address, demo.inbox, message);
    await waits(LAMP);
    const visitor = new Visitor(await browse(DESKTOP), mouse);
    const [amy, ben] = [await browse(DESKTOP), await browse(DESKTOP)];
    await new Agent(amy, mouse).enters(demo.address, demo.amy, '/queue');
    await new Agent(ben, mouse).enters(demo.address, demo.ben, '/queue');

    await test.step('it says why nobody gets it, and takes keys', async () => {
        await expect(among(amy, 'Waiting', LAMP)).toBeVisible();
        await amy.keyboard.press('j');
        await expect(among(amy, 'Waiting', LAMP).getByRole('link')).toBeFocused();
        await amy.keyboard.press('w');
        await expect(among(amy, 'Waiting', LAMP)).toContainText('3 agents are not in the team');
        await amy.keyboard.press('t');
        for (const page of [amy, ben]) await expect(among(page, 'Waiting', LAMP)).toHaveCount(0);
    });
    await test.step('it shows whoever comes', async () => {
        for (const message of [PARCEL, BULB]) await waits(message);
        await visitor.page.clock.install();
        await visitor.open(demo.shop);
        await visitor.write(RETURN);
        await expect(visitor.frame.getByText('You are number 3 in line')).toBeVisible();
        for (const page of [amy, ben]) await expect(among(page, 'Waiting', RETURN)).toBeVisible();
    });
    await test.step('assigned by menu and by drag', async () => {
        await among(amy, 'Waiting', PARCEL)
            .getByRole('button', { name: /^Assign/ })
            .click();
        await amy.getByRole('option', { name: 'Ben Field' }).click();
        await expect(among(ben, 'Waiting', PARCEL)).toHaveCount(0);
        await among(amy, 'Waiting', BULB).dragTo(among(amy, 'Agents', 'Ben Field'));
        await expect(among(ben, 'Waiting', BULB)).toHaveCount(0);
    });
    await test.step('whoever waits sees that it goes on', async () => {
        await visitor.page.clock.fastForward('00:30');
        await expect(visitor.frame.getByText('You are number 1 in line')).toBeVisible();
    });
    await test.step('of two at once one is told', async () => {
        let letGo = () => {};
        const held = new Promise<void>((done) => (letGo = done));
        await ben.route('**/assignee/user', async (route) => {
            await held;
            await route.continue();
        });
        await among(ben, 'Waiting', RETURN).getByRole('button', { name: 'Take it' }).click();
        await among(amy, 'Waiting', RETURN).getByRole('button', { name: 'Take it' }).click();
        await expect(amy.getByRole('status').filter({ hasText: 'Amy Stone has the conversation.' })).toBeVisible();
        letGo();
        await expect(ben.getByRole('alert')).toBeVisible();
        await expect(among(ben, 'Waiting', RETURN)).toHaveCount(0);
        await expect(visitor.frame.getByRole('heading', { name: 'Amy Stone' })).toBeVisible();
    });
    await test.step('why one is away is seen by others', async () => {
        await ben.getByRole('button', { name: /^Your state/ }).click();
        await ben.getByRole('menuitemradio', { name: 'Away: Lunch' }).click();
        await expect(among(amy, 'Agents', 'Ben Field')).toContainText('Lunch');
        await expect(ben.getByRole('button', { name: /^Your state: .* Away · Lunch/ })).toBeVisible();
    });
    await amy.getByRole('link', { name: /^Mine/ }).click();
    await ben.getByRole('link', { name: /^Mine/ }).click();
    const rows = (page: Page) => page.getByRole('list', { name: 'Mine' }).getByRole('listitem');
    await expect(rows(amy)).toHaveCount(2);
    await expect(rows(amy).filter({ hasText: RETURN })).toBeVisible();
    await expect(rows(ben)).toHaveCount(2);
    await expect(rows(ben).filter({ hasText: BULB })).toBeVisible();
});
