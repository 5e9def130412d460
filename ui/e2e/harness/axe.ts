import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from '@playwright/test';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core finds on a page and in its frames; where those are of another origin, in them alone. It is injected by
 * the browser's tools, which the page's policy does not bind. Frames without scripts, which hold what customers wrote,
 * can't be looked into.
 */
export async function axe(page: Page): Promise<string[]> {
    for (const frame of page.frames()) {
        if (frame.url() === 'about:srcdoc') continue;
        await frame.evaluate(source);
    }
    const { origin } = new URL(page.url());
    const others = page.frames().filter((frame) => /^http/.test(frame.url()) && new URL(frame.url()).origin !== origin);
    const places = others.length ? others : [page];
    const runs = await Promise.all(places.map((place) => place.evaluate<AxeResults>('axe.run()')));
    const violations = runs.flatMap((run) => run.violations);
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}
