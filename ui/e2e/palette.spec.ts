import type { Locator, Page } from '@playwright/test';
import { Agent } from './harness/agent';
import { begin } from './harness/api';
import { mouse } from './harness/hands';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

const FIRST = 'Is the lamp still made?';
const LAST = 'Where is my parcel?';

const commands = (page: Page): Locator => page.getByRole('dialog', { name: 'Commands' });
const help = (page: Page): Locator => page.getByRole('dialog', { name: 'Keyboard shortcuts' });
const toast = (page: Page, text: string): Locator => page.getByRole('status').filter({ hasText: text });

/** Opens the command palette, finds a command by some words of it and takes it. */
async function command(page: Page, words: string, name: string): Promise<void> {
    await page.keyboard.press('Control+k');
    await expect(commands(page).getByRole('combobox')).toBeFocused();
    await page.keyboard.type(words);
    await expect(commands(page).getByRole('option', { selected: true })).toContainText(name);
    await page.keyboard.press('Enter');
    await expect(commands(page)).toBeHidden();
}

test('everything is done by keys and commands, and single keys can be turned off', async ({ demo, browse }) => {
    const visitor = new Visitor(await browse(DESKTOP), mouse);
    await begin(demo.address, demo.inbox, FIRST);
    await visitor.open(demo.shop);
    await visitor.write(LAST);
    const admin = await browse(DESKTOP);
    const amy = await browse(DESKTOP);
    await new Agent(admin, mouse).enters(demo.address, demo.administrator, '/inboxes/all');
    await new Agent(amy, mouse).enters(demo.address, demo.amy, '/inboxes/assigned');
    const log = admin.getByRole('log');
    const { keyboard } = admin;

    await test.step('through the list', async () => {
        await expect(admin.getByRole('listitem').filter({ hasText: LAST })).toBeVisible();
        await keyboard.press('j');
        await expect(log).toContainText(LAST);
        await keyboard.press('j');
        await expect(log).toContainText(FIRST);
        await keyboard.press('k');
        await expect(log).toContainText(LAST);
        await expect(admin.locator('[aria-current=true]')).toContainText(LAST);
    });
    await test.step('into the editor and out of it', async () => {
        await keyboard.press('r');
        await expect(admin.getByRole('textbox', { name: 'Reply' })).toBeFocused();
        await keyboard.type('Just a moment?');
        await keyboard.press('Control+Enter');
        await expect(log).toContainText('Just a moment?');
        await visitor.sees('Just a moment?');
        await keyboard.press('Escape');
        await keyboard.press('n');
        await expect(admin.getByRole('textbox', { name: 'Note' })).toBeFocused();
        await keyboard.press('Escape');
    });
    await test.step('given away and taken by commands', async () => {
        await command(admin, 'assign amy', 'Assign to Amy Stone');
        await expect(amy.getByRole('listitem').filter({ hasText: 'Just a moment?' })).toBeVisible();
        await command(admin, 'take', 'Take it');
        await expect(toast(admin, 'Demo has the conversation.')).toBeVisible();
        await expect(amy.getByRole('listitem').filter({ hasText: 'Just a moment?' })).toBeHidden();
        await expect(visitor.frame.getByRole('heading', { name: 'Demo' })).toBeVisible();
    });
    await test.step('given away by key', async () => {
        await keyboard.press('a');
        const choices = admin.getByRole('dialog', { name: 'Assignee' });
        await expect(choices.getByRole('combobox')).toBeFocused();
        await keyboard.type('amy');
        await keyboard.press('Enter');
        await expect(amy.getByRole('listitem').filter({ hasText: 'Just a moment?' })).toBeVisible();
    });
    await test.step('resolved and opened again', async () => {
        await keyboard.press('e');
        await expect(admin.getByRole('button', { name: 'Status: Resolved' })).toBeVisible();
        await expect(visitor.frame.getByRole('group', { name: 'How did we do?' })).toBeVisible();
        await keyboard.press('o');
        await expect(admin.getByRole('button', { name: 'Status: Open' })).toBeVisible();
        await command(admin, 'highest', 'Set priority: Highest');
        await expect(amy.getByRole('listitem').filter({ hasText: 'Highest' })).toBeVisible();
    });
    await test.step('to other places', async () => {
        await command(admin, 'queue', 'Queue');
        await expect(admin.getByRole('heading', { name: 'Queue' })).toBeVisible();
        await keyboard.press('g');
        await keyboard.press('t');
        await expect(admin.getByRole('heading', { name: 'Teams', level: 1 })).toBeVisible();
        await keyboard.press('/');
        const field = admin.getByRole('searchbox', { name: 'Search the desk' });
        await expect(field).toBeFocused();
        await keyboard.type('?');
        await expect(field).toHaveValue('?');
        await keyboard.press('Escape');
    });
    await test.step('the help tells the keys', async () => {
        await keyboard.press('?');
        await expect(help(admin)).toContainText('Next conversation');
        await keyboard.press('Escape');
        await expect(help(admin)).toBeHidden();
    });
    await test.step('turned off, they do nothing', async () => {
        await command(admin, 'account', 'Your account');
        await admin.getByRole('checkbox', { name: /^Single keys do something/ }).press('Space');
        await command(admin, 'all', 'All');
        await admin.reload();
        await expect(admin.getByRole('listitem').filter({ hasText: FIRST })).toBeVisible();
        for (const key of ['?', 'j', 'g', 'q', '/']) await keyboard.press(key);
        await command(admin, 'all', 'All');
        await expect(help(admin)).toBeHidden();
        await expect(admin.getByRole('heading', { name: 'All', level: 1 })).toBeVisible();
        expect(new URL(admin.url()).pathname).toBe('/inboxes/all');
    });
});
