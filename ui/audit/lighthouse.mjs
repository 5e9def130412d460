// Lighthouse (desktop) over the inbox and the demo page of a running program: medians, and exit 1 below the least score.
//
//     node lighthouse.mjs <program> [runs]
import { cpus, loadavg } from 'node:os';
import lighthouse, { desktopConfig } from 'lighthouse';
import { launch } from 'puppeteer-core';
import { EXECUTABLE, FLAGS } from './chromium.mjs';
import { withDemo } from './demo.mjs';

const CATEGORIES = ['performance', 'accessibility'];
const LEAST = 95;

const [program, number = '5'] = process.argv.slice(2);
const runs = Number(number);

const pages = ({ conversation }) => [
    { what: 'inbox', path: '/inboxes/all', isSignedIn: true },
    { what: 'inbox with a conversation', path: `/inboxes/all/conversation/${conversation}`, isSignedIn: true },
    { what: 'demo page with the widget', path: '/demo', isSignedIn: false },
];

const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
const points = (score) => Math.round(score * 100);

/** Cookies stay in the browser's own directory, which goes with it. */
async function signIn(page, { address, administrator }) {
    await page.goto(`${address}/login`);
    const status = await page.evaluate(async (account) => {
        const headers = { 'Content-Type': 'application/json' };
        const answer = await fetch('/api/v1/auth/login', { method: 'POST', headers, body: JSON.stringify(account) });
        return answer.status;
    }, administrator);
    if (status !== 200) throw new Error(`the administrator can't sign in: ${status}`);
}

/** One run in a fresh browser. */
async function run(demo, { path, isSignedIn }) {
    const browser = await launch({ executablePath: EXECUTABLE, args: FLAGS });
    try {
        const page = await browser.newPage();
        if (isSignedIn) await signIn(page, demo);
        const flags = { onlyCategories: CATEGORIES, logLevel: 'error' };
        const { lhr } = await lighthouse(demo.address + path, flags, desktopConfig, page);
        if (lhr.runtimeError) throw new Error(`${path}: ${lhr.runtimeError.message}`);
        if (new URL(lhr.finalDisplayedUrl).pathname !== path)
            throw new Error(`${path}: was led to ${lhr.finalDisplayedUrl}`);
        return lhr;
    } finally {
        await browser.close();
    }
}

/** What costs points, the dearest first. */
function faults(report, category) {
    return report.categories[category].auditRefs
        .map(({ id, weight }) => ({ ...report.audits[id], weight }))
        .filter(({ score, weight }) => weight > 0 && score !== null && score < 1)
        .toSorted((one, other) => (1 - other.score) * other.weight - (1 - one.score) * one.weight)
        .map(
            ({ title, displayValue, score, weight }) =>
                `    ${title}: ${displayValue ?? 'fails'} (${points(score)} of 100, weight ${weight})`,
        );
}

await withDemo(program, async (demo) => {
    console.log(
        `| page | ${CATEGORIES.join(' | ')} | lowest–highest | FCP | LCP | TBT | CLS |\n|---|---|---|---|---|---|---|---|`,
    );
    const notes = [];
    for (const page of pages(demo)) {
        const reports = [];
        for (let done = 0; done < runs; done++) reports.push(await run(demo, page));
        const scores = (category) => reports.map((report) => points(report.categories[category].score));
        const time = (audit) => Math.round(median(reports.map((report) => report.audits[audit].numericValue)));
        const shift = median(reports.map((report) => report.audits['cumulative-layout-shift'].numericValue));
        const spread = CATEGORIES.map(
            (category) => `${Math.min(...scores(category))}–${Math.max(...scores(category))}`,
        );
        const times = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time'].map(
            (audit) => `${time(audit)} ms`,
        );
        const medians = CATEGORIES.map((category) => median(scores(category)));
        console.log(`| ${[page.what, ...medians, spread.join('; '), ...times, shift.toFixed(3)].join(' | ')} |`);
        for (const [at, category] of CATEGORIES.entries()) {
            if (!(medians[at] >= LEAST)) process.exitCode = 1;
            const typical = reports.find((report) => points(report.categories[category].score) === medians[at]);
            if (medians[at] < 100)
                notes.push(`${page.what}, ${category} ${medians[at]}:`, ...faults(typical, category));
        }
    }
    const [load] = loadavg();
    if (load > cpus().length) notes.push(`Others worked meanwhile (load ${load.toFixed(1)}): times are too long.`);
    if (notes.length) console.log(`\n${notes.join('\n')}`);
    if (process.exitCode) console.log(`\nNot every median is ${LEAST} or more.`);
});
