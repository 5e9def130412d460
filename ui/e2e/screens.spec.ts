import { axe } from './harness/axe';
import { screens, show, wideScreens } from './harness/screens';
import { DESKTOP, expect, PHONE, test } from './harness/test';

const sizes = [
    ['desktop', DESKTOP, [...screens, ...wideScreens]],
    ['phone', PHONE, screens],
] as const;

for (const [size, options, shown] of sizes) {
    for (const screen of shown) {
        test(`axe finds nothing: ${screen.name}, ${size}`, async ({ sharedDemo, origins, browse }) => {
            origins.push(sharedDemo.address);
            const page = await browse({ ...options, reducedMotion: 'reduce' });
            await show(screen, page, sharedDemo);
            for (const colorScheme of ['light', 'dark'] as const) {
                await page.emulateMedia({ colorScheme });
                const name = `${screen.name} ${size} ${colorScheme}`.replaceAll(' ', '-');
                await page.screenshot({ path: `test-results/screens/${name}.png` });
                expect.soft(await axe(page, screen.others), colorScheme).toEqual([]);
            }
        });
    }
}
