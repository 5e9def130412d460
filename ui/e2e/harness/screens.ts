import { expect, type Page } from '@playwright/test';
import { enter, settled } from './console';
import type { Account, Demo } from './desk';
import { sample, type Sample } from './sample';

export interface Screen {
    name: string;
    /** Who sees it; nobody: somebody who is not signed in. */
    by?: (demo: Demo) => Account;
    path: string | ((sample: Sample) => string);
    /** Rules that others' parts of it break. */
    others?: readonly string[];
    /** What has to be done before there is something to see. */
    ready?: (page: Page, demo: Demo) => Promise<void>;
}

/** Of Swagger UI: its groups are `h3` right below the `h1`, and its own `main` has neither title nor filter in it. */
const SWAGGER = ['heading-order', 'region'];

const administrator = ({ administrator: account }: Demo): Account => account;

const message = (page: Page) => page.getByRole('textbox', { name: 'Message' });

const openedWidget = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: /^Chat/ }).click();
    const frame = page.frameLocator('iframe');
    await frame.getByRole('button', { name: 'Start conversation' }).click();
    await expect(frame.getByRole('textbox', { name: 'Message' })).toBeVisible();
};

/** Presses what leads to something, and waits until it is there. */
const opened =
    (button: RegExp, role: 'dialog' | 'menu') =>
    async (page: Page): Promise<void> => {
        await page.getByRole('button', { name: button }).filter({ visible: true }).first().click();
        await expect(page.getByRole(role)).toBeVisible();
    };

const pressed =
    (key: string) =>
    async (page: Page): Promise<void> => {
        await page.keyboard.press(key);
        await expect(page.getByRole('dialog')).toBeVisible();
    };

/** The widget alone is as large as in the page around it. */
async function narrowed(page: Page): Promise<void> {
    if ((page.viewportSize()?.width ?? 0) > 400) await page.setViewportSize({ width: 392, height: 660 });
}

/** The chat after its first message. */
async function chatted(page: Page): Promise<void> {
    await narrowed(page);
    await page.getByRole('button', { name: 'Start conversation' }).click();
    await message(page).fill('Does the lamp dim?');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.getByRole('log')).toContainText('You');
    await expect(page.getByText('Sending…')).toHaveCount(0);
}

async function listed(page: Page): Promise<void> {
    await chatted(page);
    await page.getByRole('button', { name: 'Your conversations' }).click();
    await expect(page.getByRole('list', { name: 'Your conversations' })).toBeVisible();
}

async function rated(page: Page, { api }: Demo): Promise<void> {
    await chatted(page);
    const query = 'conversations/all?page=1&page_size=1&order_by=conversations.created_at&order=desc';
    const [latest] = (await api.get<{ results: { uuid: string }[] }>(query)).results;
    await api.put(`conversations/${latest?.uuid}/status`, { status: 'Resolved' });
    await expect(page.getByRole('group', { name: 'How did we do?' })).toBeVisible();
}

const simple: [string, Screen['path']][] = [
    ['inbox', '/inboxes/all'],
    ['search', '/search'],
    ['agents', '/agents'],
    ['an agent', ({ agent }) => `/agents/${agent}`],
    ['teams', '/teams'],
    ['a team', ({ team }) => `/teams/${team}`],
    ['skills', '/admin/skills'],
    ['a skill', ({ skill }) => `/admin/skills/${skill}`],
    ['inboxes', '/admin/inboxes'],
    ['an inbox', ({ inbox }) => `/admin/inboxes/${inbox}`],
    ['integrations', '/admin/integrations'],
    ['account', '/account'],
    ['no such page', '/admin/nothing'],
];

export const screens: Screen[] = [
    { name: 'login', path: '/login' },
    { name: 'set-up', path: '/setup#token' },
    { name: 'reset password', path: '/reset-password' },
    { name: 'set password', path: '/set-password?token=token' },
    { name: 'shop', path: '/demo' },
    { name: 'shop with the chat', path: '/demo', ready: openedWidget },
    {
        name: 'widget with its form',
        path: ({ asking }) => `/widget?inbox_id=${asking}`,
        ready: async (page) => {
            await narrowed(page);
            await expect(page.getByRole('heading', { name: 'Who are you?' })).toBeVisible();
        },
    },
    { name: 'widget with chats', path: ({ greeting }) => `/widget?inbox_id=${greeting}`, ready: listed },
    { name: 'widget with its rating', path: ({ greeting }) => `/widget?inbox_id=${greeting}`, ready: rated },
    {
        name: 'conversation',
        by: administrator,
        path: ({ conversation }) => `/inboxes/all/conversation/${conversation}`,
        ready: (page) => expect(page.getByRole('textbox', { name: 'Reply' })).toBeVisible(),
    },
    {
        name: 'queue',
        by: administrator,
        path: '/queue',
        ready: async (page) => {
            await page.getByRole('button', { name: 'Why is nobody getting this?' }).first().click();
            await expect(page.getByText(/agents are not in the team/).first()).toBeVisible();
        },
    },
    { name: 'commands', by: administrator, path: '/inboxes/all', ready: pressed('Control+k') },
    { name: 'help', by: administrator, path: '/inboxes/all', ready: pressed('?') },
    ...simple.map(([name, path]) => ({ name, by: administrator, path })),
];

/** What is there at a wide screen only, or for those who have one. */
export const wideScreens: Screen[] = [
    {
        name: 'docs',
        path: '/docs',
        others: SWAGGER,
        ready: (page) => expect(page.locator('.opblock-tag').first()).toBeVisible(),
    },
    { name: 'own state', by: administrator, path: '/inboxes/all', ready: opened(/^Your state/, 'menu') },
    { name: 'notifications', by: administrator, path: '/inboxes/all', ready: opened(/^Notifications/, 'dialog') },
];

export async function show({ by, path, ready }: Screen, page: Page, demo: Demo): Promise<void> {
    const filled = await sample(demo);
    if (by) await enter(page, demo.address, by(demo));
    await page.goto(demo.address + (typeof path === 'string' ? path : path(filled)));
    await settled(page);
    await ready?.(page, demo);
}
