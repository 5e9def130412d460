import { expect, type Page } from '@playwright/test';
import type { Account } from './desk';

/** Signs a browser in without the page for it. */
export async function enter(page: Page, address: string, { email, password }: Account): Promise<void> {
    const answer = await page.request.post(`${address}/api/v1/auth/login`, { data: { email, password } });
    expect(answer.status()).toBe(200);
}

/** Waits until a page shows what it is for. */
export async function settled(page: Page): Promise<void> {
    await page.waitForLoadState('networkidle');
    await expect(page.getByText(/^(Loading|Opening the desk) …$/)).toHaveCount(0);
    await expect(page.locator('.skeleton')).toHaveCount(0);
}
