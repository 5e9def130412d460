import { expect, type Page } from '@playwright/test';
import { begin } from './api';
import { enter, settled } from './console';
import type { Account, Demo } from './desk';

export interface Screen {
    name: string;
    /** Who sees it; nobody: somebody who is not signed in. */
    by?: (demo: Demo) => Account;
    path: (demo: Demo) => string | Promise<string>;
    /** What has to be done before there is something to see. */
    ready?: (page: Page) => Promise<void>;
}

const administrator = ({ administrator: account }: Demo): Account => account;

/** A conversation with something in it. */
async function conversation({ address, inbox, api }: Demo): Promise<string> {
    const uuid = await begin(address, inbox, 'My parcel has not arrived. The number is LL-2048.');
    const write = (message: string, isNote: boolean) =>
        api.post(`conversations/${uuid}/messages`, { message, sender_type: 'agent', private: isNote });
    await write(
        '<p>I am sorry to hear that. Let me <b>ask the carrier</b>:</p><ul><li>when</li><li>where</li></ul>',
        false,
    );
    await write('<p>It is in the depot since Monday.</p>', true);
    return uuid;
}

const openedWidget = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: /^Chat/ }).click();
    await expect(page.frameLocator('iframe').getByRole('textbox', { name: 'Message' })).toBeVisible();
};

/** The first of what the desk has of a kind. */
async function first({ api }: Demo, kind: 'teams' | 'agents'): Promise<string> {
    const [one] = await api.get<{ id: number }[]>(kind);
    return `/${kind}/${one?.id}`;
}

const simple: [string, string][] = [
    ['inbox', '/inboxes/all'],
    ['queue', '/queue'],
    ['search', '/search'],
    ['agents', '/agents'],
    ['teams', '/teams'],
    ['inboxes', '/admin/inboxes'],
    ['account', '/account'],
    ['no such page', '/admin/nothing'],
];

export const screens: Screen[] = [
    { name: 'login', path: () => '/login' },
    { name: 'set-up', path: () => '/setup#token' },
    { name: 'reset password', path: () => '/reset-password' },
    { name: 'set password', path: () => '/set-password?token=token' },
    { name: 'shop', path: () => '/demo' },
    { name: 'shop with the chat', path: () => '/demo', ready: openedWidget },
    {
        name: 'conversation',
        by: administrator,
        path: async (demo) => `/inboxes/all/conversation/${await conversation(demo)}`,
        ready: (page) => expect(page.getByRole('textbox', { name: 'Reply' })).toBeVisible(),
    },
    {
        name: 'commands',
        by: administrator,
        path: () => '/inboxes/all',
        ready: async (page) => {
            await page.keyboard.press('Control+k');
            await expect(page.getByRole('dialog')).toBeVisible();
        },
    },
    {
        name: 'help',
        by: administrator,
        path: () => '/inboxes/all',
        ready: async (page) => {
            await page.keyboard.press('?');
            await expect(page.getByRole('dialog')).toBeVisible();
        },
    },
    { name: 'a team', by: administrator, path: (demo) => first(demo, 'teams') },
    { name: 'an agent', by: administrator, path: (demo) => first(demo, 'agents') },
    ...simple.map(([name, path]) => ({ name, by: administrator, path: () => path })),
];

export async function show(screen: Screen, page: Page, demo: Demo): Promise<void> {
    if (screen.by) await enter(page, demo.address, screen.by(demo));
    await page.goto(demo.address + (await screen.path(demo)));
    await settled(page);
    await screen.ready?.(page);
}
