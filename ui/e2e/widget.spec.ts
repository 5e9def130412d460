import type { Locator, Page } from '@playwright/test';
import { Agent } from './harness/agent';
import { axe } from './harness/axe';
import { behind, text } from './harness/files';
import { keyboard, mouse } from './harness/hands';
import { HostPage } from './harness/host';
import { signed } from './harness/identity';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

const SECRET = 'a-secret-of-the-shop-and-of-nobody-else';
const KIM = { external_user_id: 'c-2048', email: 'kim@example.com', first_name: 'Kim', last_name: 'Rivers' };

const facts = (page: Page): Locator => page.getByRole('complementary', { name: 'About this conversation' });

test('whom the page vouches for is known on every device, and gone after signing out', async ({
    demo,
    origins,
    browse,
}) => {
    await demo.api.put('inboxes/1', { secret: SECRET, config: { greeting_message: '', introduction_message: '' } });
    const shop = await HostPage.start(demo.address, demo.inbox);
    origins.push(shop.address);
    const [atHome, onTheWay] = [await browse(DESKTOP), await browse(DESKTOP)].map((page) => new Visitor(page, mouse));
    const admin = await browse(DESKTOP);
    const agent = new Agent(admin, mouse);
    await agent.enters(demo.address, demo.administrator, '/inboxes/all');
    if (!atHome || !onTheWay) throw new Error('no browsers');

    await test.step('who wrote as a guest becomes somebody', async () => {
        await atHome.open(shop.address);
        await atHome.write('Where is my parcel?');
        await admin.getByRole('listitem').filter({ hasText: 'Where is my parcel?' }).getByRole('link').click();
        await expect(facts(admin)).not.toContainText(KIM.email);
        await atHome.is(signed(KIM, SECRET));
        await expect(facts(admin)).toContainText('Kim Rivers');
        await expect(facts(admin)).toContainText(KIM.email);
        await atHome.sees('Where is my parcel?');
        await agent.answers('In the depot.');
        await atHome.sees('In the depot.');
    });
    await test.step('whatever else the page says to its frames', async () => {
        await atHome.page.evaluate(() => {
            const frame = document.querySelector('aside')?.shadowRoot?.querySelector('iframe');
            for (const message of [null, 'resize', { type: 'resize' }]) frame?.contentWindow?.postMessage(message, '*');
        });
        await agent.answers('It comes tomorrow.');
        await atHome.sees('It comes tomorrow.');
        await atHome.sees('In the depot.');
    });
    await test.step('and finds everything on another device', async () => {
        await onTheWay.open(shop.address);
        await onTheWay.is(signed(KIM, SECRET));
        await onTheWay.sees('In the depot.');
        await onTheWay.write('Thank you!');
    });
    await test.step('until the page says otherwise', async () => {
        await onTheWay.is(null);
        await expect(onTheWay.frame.getByRole('log')).not.toContainText('depot');
        await onTheWay.page.reload();
        await onTheWay.open(shop.address);
        await onTheWay.write('Somebody else here.');
        await expect(onTheWay.frame.getByRole('log')).not.toContainText('depot');
        await expect(admin.getByRole('listitem').filter({ hasText: 'Somebody else here.' })).toContainText('Guest');
    });
    await test.step('a token of somebody else is nobody', async () => {
        const exchange = onTheWay.page.waitForResponse(/\/auth\/exchange$/);
        await onTheWay.is(signed(KIM, 'another secret than the one of the shop'));
        expect((await exchange).status()).toBe(401);
        await onTheWay.write('Still me.');
        await expect(admin.getByRole('listitem').filter({ hasText: 'Still me.' })).toContainText('Guest');
        await expect(onTheWay.frame.getByRole('log')).not.toContainText('depot');
    });
    await shop.end();
});

/** At 200 %: half of the points, each twice as large. */
const ZOOMED = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };

test('all of it by keyboard alone, from right to left, at twice the size', async ({ demo, origins, browse }) => {
    const { api } = demo;
    const hours = { name: 'Never', description: '', is_always_open: false, hours: {}, holidays: [] };
    const { id } = await api.post<{ id: number }>('business-hours', hours);
    await api.put('settings/general', { 'app.business_hours_id': String(id) });
    const plan = { name: 'Plan', description: 'What they pay for', applies_to: 'contact', key: 'plan' };
    const attribute = await api.post<{ id: number }>('custom-attributes', {
        ...plan,
        data_type: 'list',
        values: ['free', 'paid'],
    });
    await api.put('inboxes/1', {
        config: {
            language: 'ar',
            greeting_message: 'مرحبا',
            introduction_message: 'كيف يمكننا مساعدتك؟',
            features: { file_upload: true },
            show_office_hours_in_chat: true,
            prechat_form: { enabled: true, title: 'من أنت؟', fields: asked(attribute.id) },
        },
    });
    const shop = await HostPage.start(demo.address, demo.inbox, 'lang="ar" dir="rtl"');
    origins.push(shop.address);
    const page = await browse(ZOOMED);
    const visitor = new Visitor(page, keyboard);
    const { frame } = visitor;
    const launcher = page.getByRole('button', { name: /^Chat/ });
    const admin = await browse(DESKTOP);
    const agent = new Agent(admin, mouse);
    await agent.enters(demo.address, demo.administrator, '/inboxes/all');
    const isWhole = async (...parts: Locator[]) => {
        expect(await axe(page)).toEqual([]);
        for (const part of parts) await expect(part).toBeInViewport({ ratio: 1 });
        const spills = frame.locator('html').evaluate((root) => root.scrollWidth > root.clientWidth);
        expect(await spills).toBe(false);
    };

    await test.step('the greeting', async () => {
        await visitor.comes(shop.address);
        const start = frame.getByRole('button', { name: 'Start conversation' });
        await expect(start).toBeFocused();
        await expect(frame.locator('html')).toHaveAttribute('dir', 'rtl');
        await isWhole(start);
        await page.keyboard.press('Enter');
    });
    await test.step('the form', async () => {
        await expect(frame.getByRole('heading', { name: 'من أنت؟' })).toBeVisible();
        await expect(frame.getByText('We are closed. We will reply when we are back.')).toBeVisible();
        await isWhole();
        await visitor.tries('Where is my parcel?');
        await expect(frame.getByLabel('Name')).toBeFocused();
        await expect(frame.getByLabel('Name')).toBeInViewport({ ratio: 1 });
        await page.keyboard.type('Noor');
        await keyboard.write(frame.getByLabel('Plan'), 'paid');
        await visitor.tries('');
        await visitor.sees('Where is my parcel?');
        await expect(frame.getByRole('button', { name: 'Attach files' })).toBeVisible();
        await isWhole(frame.getByRole('button', { name: 'Send', exact: true }));
    });
    await test.step('the conversation', async () => {
        await admin.getByRole('listitem').filter({ hasText: 'Where is my parcel?' }).getByRole('link').click();
        await expect(facts(admin)).toContainText('Noor');
        await expect(facts(admin)).toContainText('paid');
        const chooser = page.waitForEvent('filechooser');
        await keyboard.press(frame.getByRole('button', { name: 'Attach files' }));
        await (await chooser).setFiles(text('فاتورة.txt', 'LL-2048'));
        const file = admin.getByRole('log').getByRole('link', { name: 'فاتورة.txt' });
        expect((await behind(file)).toString()).toBe('LL-2048');
        await agent.answers('It is in the depot.');
        await visitor.sees('It is in the depot.');
        await isWhole(frame.getByRole('textbox', { name: 'Message' }));
    });
    await test.step('the rating', async () => {
        await agent.resolves();
        await expect(frame.getByRole('group', { name: 'How did we do?' })).toBeVisible();
        await isWhole();
        await visitor.rate(4, 'شكرا');
        await agent.sees('Rated 4 of 5');
        await agent.sees('شكرا');
        await page.keyboard.press('Escape');
        await expect(launcher).toBeFocused();
        await expect(frame.getByRole('log')).toBeHidden();
    });
    await test.step('the next visit', async () => {
        await visitor.comes(shop.address);
        const before = frame.getByRole('list', { name: 'Your conversations' }).getByRole('button');
        await expect(before).toBeVisible();
        await isWhole();
        await keyboard.press(before);
        await visitor.sees('Your rating: 4 of 5');
        await visitor.sees('It is in the depot.');
        await keyboard.press(frame.getByRole('button', { name: 'Your conversations' }));
        await expect(before).toBeVisible();
    });
    await shop.end();
});

const asked = (plan: number) => {
    const field = { placeholder: '', enabled: true, custom_attribute_id: 0 };
    return [
        { ...field, key: 'name', type: 'text', label: 'Name', required: true, order: 1, is_default: true },
        { ...field, key: 'email', type: 'email', label: 'Email', required: false, order: 2, is_default: true },
        {
            ...field,
            key: 'plan',
            type: 'list',
            label: 'Plan',
            required: false,
            order: 3,
            is_default: false,
            custom_attribute_id: plan,
        },
    ];
};
