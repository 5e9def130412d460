import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from '@playwright/test';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core finds on a page and in its frames. It is injected by the browser's tools, which the page's policy does not
 * bind. Frames without scripts, which hold what customers wrote, can't be looked into.
 */
export async function axe(page: Page): Promise<string[]> {
    for (const frame of page.frames()) {
        if (frame.url() !== 'about:srcdoc') await frame.evaluate(source);
    }
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}
