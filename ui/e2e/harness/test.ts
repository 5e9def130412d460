import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test';
import { Demo, OwnDesk } from './desk';
import { Watch } from './watch';

export { expect };

interface Fixtures {
    /** The demo, for this test alone. */
    demo: Demo;
    /** A desk nobody has set up yet. */
    ownDesk: OwnDesk;
    watch: Watch;
    /** A browser of its own, with nothing in it that another one left. */
    browse: (options?: BrowserContextOptions) => Promise<Page>;
    /** Origins that pages may ask for something. */
    origins: string[];
}

interface WorkerFixtures {
    /** The demo of a worker's tests that only look. */
    sharedDemo: Demo;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
    sharedDemo: [
        async ({}, use) => {
            const demo = await Demo.start();
            await use(demo);
            await demo.program.end();
        },
        { scope: 'worker', timeout: 120_000 },
    ],
    demo: async ({ origins }, use) => {
        const demo = await Demo.start();
        origins.push(demo.address);
        await use(demo);
        await demo.program.end();
    },
    ownDesk: async ({ origins }, use) => {
        const desk = await OwnDesk.start();
        origins.push(desk.address);
        await use(desk);
        await desk.end();
    },
    origins: async ({}, use) => use([]),
    watch: [
        async ({ origins }, use) => {
            const watch = new Watch();
            await use(watch);
            expect(watch.faults).toEqual([]);
            expect(watch.strayed(origins)).toEqual([]);
            expect(watch.undocumented()).toEqual([]);
        },
        { auto: true },
    ],
    browse: async ({ browser, watch }, use) => {
        const opened: Page[] = [];
        await use(async (options = {}) => {
            const context = await browser.newContext(options);
            watch.over(context);
            const page = await context.newPage();
            opened.push(page);
            return page;
        });
        for (const page of opened) await page.context().close();
    },
});

/** A telephone held upright. */
export const PHONE: BrowserContextOptions = {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
};

export const DESKTOP: BrowserContextOptions = { viewport: { width: 1440, height: 900 } };
