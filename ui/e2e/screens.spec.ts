import { axe } from './harness/axe';
import { screens, show } from './harness/screens';
import { DESKTOP, expect, PHONE, test } from './harness/test';

const sizes = [
    ['desktop', DESKTOP],
    ['phone', PHONE],
] as const;

for (const screen of screens) {
    for (const [size, options] of sizes) {
        for (const colorScheme of ['light', 'dark'] as const) {
            test(`axe finds nothing: ${screen.name}, ${size}, ${colorScheme}`, async ({
                sharedDemo,
                origins,
                browse,
            }) => {
                origins.push(sharedDemo.address);
                const page = await browse({ ...options, colorScheme, reducedMotion: 'reduce' });
                await show(screen, page, sharedDemo);
                const name = `${screen.name} ${size} ${colorScheme}`.replaceAll(' ', '-');
                await page.screenshot({ path: `test-results/screens/${name}.png` });
                expect(await axe(page)).toEqual([]);
            });
        }
    }
}
