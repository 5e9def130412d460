import { defineConfig } from '@playwright/test';
import { EXECUTABLE, FLAGS } from '../audit/chromium.mjs';

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
            executablePath: EXECUTABLE,
            args: FLAGS,
        },
        trace: 'retain-on-failure',
    },
});
