import { expect, type FrameLocator, type Page } from '@playwright/test';
import type { Hands } from './hands';

/** A customer on a page with the widget. */
export class Visitor {
    readonly frame: FrameLocator;

    constructor(
        readonly page: Page,
        private readonly hands: Hands,
    ) {
        this.frame = page.frameLocator('iframe');
    }

    async comes(address: string): Promise<void> {
        await this.page.goto(address);
        await this.hands.press(this.page.getByRole('button', { name: /^Chat/ }));
    }

    async open(address: string): Promise<void> {
        await this.comes(address);
        const start = this.frame.getByRole('button', { name: 'Start conversation' });
        const message = this.frame.getByRole('textbox', { name: 'Message' });
        await expect(start.or(message)).toBeVisible();
        if (await start.isVisible()) await this.hands.press(start);
        await expect(message).toBeVisible();
    }

    /** Writes and presses "Send", which may ask for something first. */
    async tries(text: string): Promise<void> {
        await this.hands.write(this.frame.getByRole('textbox', { name: 'Message' }), text);
        await this.hands.press(this.frame.getByRole('button', { name: 'Send', exact: true }));
    }

    async write(text: string): Promise<void> {
        await this.tries(text);
        await expect(this.frame.getByRole('log')).toContainText(text);
    }

    /** The page says who is there, by a signed token; null: nobody that it knows. */
    async is(token: string | null): Promise<void> {
        await this.page.evaluate((token) => {
            const { Muster } = window as unknown as { Muster: (call: 'identify', token: string | null) => void };
            Muster('identify', token);
        }, token);
    }

    async sees(text: string): Promise<void> {
        await expect(this.frame.getByRole('log')).toContainText(text);
    }

    async rate(stars: number, comment: string): Promise<void> {
        const group = this.frame.getByRole('group', { name: 'How did we do?' });
        await this.hands.choose(group, `${stars} stars`);
        await this.hands.write(this.frame.getByRole('textbox', { name: /Anything to add/ }), comment);
        await this.hands.press(this.frame.getByRole('button', { name: 'Send rating' }));
        await this.sees(`Your rating: ${stars} of 5`);
    }
}
