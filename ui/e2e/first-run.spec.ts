import { mouse } from './harness/hands';
import { HostPage } from './harness/host';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

test('three steps lead from the printed link to a first answered chat', async ({ ownDesk, origins, browse }) => {
    const page = await browse(DESKTOP);
    let shop: HostPage | null = null;
    /** The console's addresses that somebody has to go through. */
    const places: string[] = [];
    const todo = (words: string) => page.getByRole('listitem').filter({ hasText: words });
    page.on('framenavigated', (frame) => {
        const { pathname } = new URL(frame.url());
        if (frame === page.mainFrame() && !places.includes(pathname)) places.push(pathname);
    });

    await test.step('name and password', async () => {
        await page.goto(ownDesk.setUpLink);
        await page.getByLabel('First name').fill('Kim');
        await page.getByLabel('E-mail').fill('kim@example.org');
        await page.getByLabel('Password', { exact: true }).fill('Lantern-and-Loom-7');
        await page.getByRole('button', { name: 'Create and sign in' }).click();
        await expect(page.getByRole('heading', { name: 'Your first inbox' })).toBeVisible();
    });
    await test.step('the first inbox, and who helps', async () => {
        await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Website chat');
        await page.getByLabel('Name for customers').fill('Lantern & Loom');
        await page.getByRole('button', { name: 'Create the inbox' }).click();
        await page.getByLabel('E-mail addresses').fill('sam@example.org');
        await page.getByRole('button', { name: 'Invite' }).click();
        await expect(page.getByText(/\/set-password\?token=/)).toBeVisible();
        await page.getByRole('button', { name: 'To the inbox' }).click();
    });
    await test.step('the first answer', async () => {
        await expect(page.getByRole('heading', { name: 'Three steps to your first answered chat' })).toBeVisible();
        await expect(todo('Create an inbox')).toContainText('done');
        const line = await page.getByText(/<script src=.*data-inbox=/).textContent();
        shop = await HostPage.start(ownDesk.address, /data-inbox="([^"]+)"/.exec(line ?? '')?.[1] ?? '');
        origins.push(shop.address);
        await expect(page.getByRole('link', { name: 'try it on a made-up shop' })).toHaveAttribute('href', /^\/demo\?/);
        const visitor = new Visitor(await browse(DESKTOP), mouse);
        await visitor.open(shop.address);
        await expect(visitor.frame.getByRole('heading', { name: 'Lantern & Loom' })).toBeVisible();
        await visitor.write('Is anybody there?');
        await expect(todo('Put the chat on your page')).toContainText('done');
        await expect(
            visitor.frame.getByText('Lantern & Loom').or(visitor.frame.getByText('Kim')).first(),
        ).toBeVisible();
        await page.getByRole('listitem').filter({ hasText: 'Is anybody there?' }).getByRole('link').click();
        await page.getByRole('textbox', { name: 'Reply' }).pressSequentially('Since a minute ago.');
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await visitor.sees('Since a minute ago.');
    });
    const list = '/inboxes/assigned';
    expect(places, 'the list, which says what comes next').toContain(list);
    expect(places.filter((place) => place !== list).length, places.join()).toBeLessThanOrEqual(3);
    await (shop as HostPage | null)?.end();
});
