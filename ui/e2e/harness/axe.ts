import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from '@playwright/test';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core finds on a page and in its frames, each looked at by itself. It is injected by the browser's tools, which
 * the page's policy does not bind. Frames without scripts hold what customers wrote.
 */
export async function axe(page: Page): Promise<string[]> {
    const found: string[] = [];
    for (const frame of page.frames()) {
        if (frame.url() === 'about:srcdoc') continue;
        await frame.evaluate(source);
        const { violations } = await frame.evaluate<AxeResults>(`axe.run(document, { iframes: false })`);
        for (const { id, nodes } of violations) {
            for (const { target, failureSummary } of nodes) found.push(`${id}: ${target.join(' ')}: ${failureSummary}`);
        }
    }
    return found;
}
