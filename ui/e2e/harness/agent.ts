import { expect, type Page } from '@playwright/test';
import { enter } from './console';
import type { Account } from './desk';
import type { Hands } from './hands';

declare global {
    interface Window {
        tones?: number;
    }
}

/** Somebody who works at the console. */
export class Agent {
    constructor(
        readonly page: Page,
        private readonly hands: Hands,
    ) {}

    async signIn(address: string, { email, password }: Account): Promise<void> {
        await this.page.addInitScript(() => {
            const { start } = OscillatorNode.prototype;
            OscillatorNode.prototype.start = function (...at) {
                window.tones = (window.tones ?? 0) + 1;
                start.apply(this, at);
            };
        });
        await this.page.goto(`${address}/login`);
        await this.hands.write(this.page.getByLabel('E-mail'), email);
        await this.hands.write(this.page.getByLabel('Password', { exact: true }), password);
        await this.hands.press(this.page.getByRole('button', { name: 'Sign in' }));
        await expect(this.page.getByRole('heading', { name: /^Mine/ })).toBeVisible();
    }

    /** Goes somewhere signed in, without the page for it. */
    async enters(address: string, account: Account, path: string): Promise<void> {
        await enter(this.page, address, account);
        await this.page.goto(address + path);
        await expect(this.page.getByRole('heading', { level: 1 })).toBeVisible();
    }

    /** Waits until it rings, and opens what rang. */
    async answersTheBell(text: string): Promise<void> {
        const row = this.page.getByRole('listitem').filter({ hasText: text });
        await expect(row).toBeVisible();
        await expect.poll(() => this.page.evaluate(() => window.tones ?? 0)).toBeGreaterThan(0);
        await this.hands.press(row.getByRole('link'));
        await this.sees(text);
    }

    async sees(text: string): Promise<void> {
        await expect(this.page.getByRole('log')).toContainText(text);
    }

    async seesWhy(words: RegExp): Promise<void> {
        const facts = this.page.getByRole('complementary', { name: 'About this conversation' });
        const details = this.page.getByRole('button', { name: 'Details' });
        const isHidden = !(await facts.isVisible());
        if (isHidden) await this.hands.press(details);
        await expect(facts.getByRole('heading', { name: 'Why me?' })).toBeVisible();
        await expect(facts).toContainText(words);
        if (isHidden) await this.hands.press(facts.getByRole('button', { name: 'Close' }));
    }

    async answers(text: string): Promise<void> {
        await this.hands.write(this.page.getByRole('textbox', { name: 'Reply' }), text);
        await this.hands.press(this.page.getByRole('button', { name: 'Send', exact: true }));
        await this.sees(text);
    }

    async resolves(): Promise<void> {
        const resolve = this.page.getByRole('button', { name: 'Resolve', exact: true });
        if (await resolve.isVisible()) {
            await this.hands.press(resolve);
        } else {
            await this.hands.press(this.page.getByRole('button', { name: /^Status:/ }));
            await this.hands.press(this.page.getByRole('menuitem', { name: 'Resolved' }));
        }
        await expect(this.page.getByRole('button', { name: 'Status: Resolved' })).toBeVisible();
    }
}
