// Goes through a long list of conversations and from one to the next in Chromium, as hands do it, and prints what the
// main thread did meanwhile.
//
//     node scroll.mjs <address> <e-mail> <password> [directory for traces that DevTools opens; the figures suffer]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { EXECUTABLE, FLAGS } from './chromium.mjs';
import { byFrame, byMoment, categories, now, tasks } from './work.mjs';

const LONG = 50;
const FRAME = 1000 / 60;
const NOTCH = 120;
const FLING = 20 * NOTCH;
const THREADS = 100;
/** How long somebody looks at a conversation, at least. */
const LOOK = 250;
const KEY_REPEAT = 33;
/** The middle of a scroll bar's handle, from the end of the bar. */
const HANDLE = 23;

const [address, email, password, traces] = process.argv.slice(2);

const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: FLAGS,
    // Without scroll bars none can be dragged.
    ignoreDefaultArgs: ['--hide-scrollbars'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
const answer = await page.request.post(`${address}/api/v1/auth/login`, { data: { email, password } });
if (!answer.ok()) throw new Error(`can't sign in: ${answer.status()}`);
await page.goto(`${address}/inboxes/all`);
await page.getByRole('button', { name: 'All', exact: true }).click();
const list = page.locator('[role=list]:has([data-conversation])');
await list.waitFor();
const height = await list.evaluate((element) => element.scrollHeight);
const row = await list.evaluate((element) => element.querySelector('[role=listitem]').offsetHeight);
const bounds = await list.boundingBox();
const [middle, bar] = [bounds.x + bounds.width / 2, bounds.x + bounds.width - 7];

/** Waits until the list stands still and shows what was asked for; answers how far down that is, from 0 to 1. */
async function settled() {
    let before = -1;
    for (;;) {
        const [at, isComplete] = await list.evaluate((element) => [
            element.scrollTop / (element.scrollHeight - element.clientHeight),
            !element.querySelector('.skeleton'),
        ]);
        if (at === before && isComplete) return at;
        before = at;
        await pause(100);
    }
}

/** Fails where the hands did not do what they were to do. */
async function expectAt(place) {
    const at = await settled();
    if (Math.abs(at - place) > 0.02) throw new Error(`scrolled to ${at.toFixed(3)} of the list, not to ${place}`);
}

/** The same for what goes down by steps: so many pixels at least. */
async function expectDown(pixels, act) {
    const from = await settled();
    await act();
    const down = ((await settled()) - from) * height;
    if (down < pixels) throw new Error(`scrolled by ${Math.round(down)} pixels, not by ${pixels}`);
}

async function wheel(notches, by) {
    await page.mouse.move(middle, bounds.y + bounds.height / 2);
    for (let notch = 0; notch < notches; notch++) {
        const next = pause(FRAME);
        await page.mouse.wheel(0, by);
        await next;
    }
}

async function press(key, times, wait) {
    for (let time = 0; time < times; time++) {
        const next = pause(wait);
        await page.keyboard.press(key);
        await next;
    }
}

/** From one place of the bar to another, in so many steps. */
async function drag(from, to, steps) {
    const at = (place) => bounds.y + HANDLE + place * (bounds.height - 2 * HANDLE);
    await page.mouse.move(bar, at(from));
    await page.mouse.down();
    for (let step = 1; step <= steps; step++) {
        const next = pause(FRAME);
        await page.mouse.move(bar, at(from + ((to - from) * step) / steps));
        await next;
    }
    await page.mouse.up();
}

/** Presses the key, and again when the next conversation's messages have been there for a while. */
async function look(key, moments) {
    for (let thread = 0; thread < THREADS; thread++) {
        const shown = page.waitForResponse((response) => /\/messages\?/.test(response.url()));
        moments.push(now());
        await page.keyboard.press(key);
        await (await shown).finished();
        await pause(LOOK);
    }
}

const line = (cells) => console.log(`| ${cells.join(' | ')} |`);

function print(what, unit, all, work) {
    const at = (key, percent) => {
        const times = work.map((one) => one[key]).toSorted((one, other) => one - other);
        return `${times[Math.min(times.length - 1, Math.floor((times.length * percent) / 100))].toFixed(1)} ms`;
    };
    const long = all.filter(({ lasted }) => lasted > LONG).length;
    const times = ['lasted', 'computed'].map((key) => [50, 95, 100].map((percent) => at(key, percent)).join(' / '));
    line([what, `${work.length} ${unit}`, ...times, long]);
}

async function measure(what, act) {
    await settled();
    await browser.startTracing(page, { categories: categories(traces) });
    const moments = [];
    await act(moments);
    await settled();
    const trace = (await browser.stopTracing()).toString();
    if (traces) {
        mkdirSync(traces, { recursive: true });
        writeFileSync(join(traces, `${what.replace(/\W+/g, '-')}.json`), trace);
    }
    const all = tasks(trace);
    print(what, 'frames', all, byFrame(all));
    if (moments.length) print(`${what}, each from key to key`, 'switches', all, byMoment(all, moments));
}

console.log(`\n${Math.round(height / row).toLocaleString('en')} rows\n`);
line(['what', 'of', 'main thread taken, p50 / p95 / most', 'computing, p50 / p95 / most', `tasks over ${LONG} ms`]);
line(['---', '---', '---', '---', '---']);
await measure('wheel, a notch a frame', () => expectDown(500 * NOTCH, () => wheel(600, NOTCH)));
await measure('wheel, flung', () => expectDown(250 * FLING, () => wheel(300, FLING)));
await list.evaluate((element) => element.scrollTo({ top: 0 }));
await measure('scroll bar dragged to the end and back', async () => {
    await drag(0, 1, 400);
    await expectAt(1);
    await drag(1, 0, 400);
    await expectAt(0);
});
await measure('scroll bar pulled to the middle, the end and back', async () => {
    for (let time = 0; time < 10; time++) {
        for (const [from, to] of [
            [0, 0.5],
            [0.5, 1],
            [1, 0],
        ]) {
            await drag(from, to, 1);
            await expectAt(to);
        }
    }
});
await list.locator('a').first().focus();
await measure('Page Down', () => expectDown(100 * bounds.height, () => press('PageDown', 200, KEY_REPEAT)));
await measure('End and Home', async () => {
    for (let time = 0; time < 10; time++) {
        for (const [key, place] of [
            ['End', 1],
            ['Home', 0],
        ]) {
            await page.keyboard.press(key);
            await expectAt(place);
        }
    }
});
await measure('100 conversations with j', (moments) => look('j', moments));
const last = page.url();
await measure('100 conversations with k held', () => press('k', THREADS, KEY_REPEAT));
if (page.url() === last) throw new Error('k went nowhere');
await browser.close();
