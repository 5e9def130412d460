import { defineConfig } from '@playwright/test';

export default defineConfig({
    testDir: '.',
    outputDir: '../test-results/runs',
    timeout: 180_000,
    globalTimeout: 30 * 60_000,
    expect: { timeout: 30_000 },
    workers: 2,
    fullyParallel: true,
    forbidOnly: !!process.env.CI,
    reporter: [['list']],
    use: {
        launchOptions: {
            executablePath: '/usr/bin/chromium',
            args: [
                '--headless',
                '--no-sandbox',
                '--disable-gpu',
                '--disable-quic',
                '--no-first-run',
                '--disable-background-networking',
                '--disable-component-update',
                '--disable-sync',
            ],
        },
        trace: 'retain-on-failure',
    },
});
