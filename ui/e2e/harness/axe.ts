import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from '@playwright/test';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core finds on a page and in its frames, those of other origins too. It is injected by the browser's tools,
 * which the page's policy does not bind. Frames without scripts, which hold what customers wrote, can't be looked into.
 */
export async function axe(page: Page, without: readonly string[] = []): Promise<string[]> {
    for (const frame of page.frames()) {
        if (frame.url() === 'about:srcdoc') continue;
        await frame.evaluate(source);
        await frame.evaluate("axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] })");
    }
    const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
    const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify({ rules })})`);
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}
