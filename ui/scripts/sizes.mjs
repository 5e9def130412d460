// Checks what a first visit loads, in bytes of gzip, against the budgets.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [root] = process.argv.slice(2);
const KB = 1000;

const size = (path) => gzipSync(readFileSync(path), { level: 9 }).length;

/** The page and everything that it names: scripts, what they import at once, and styles. */
function firstLoad(directory, base) {
    const seen = new Map();
    const visit = (path) => {
        if (seen.has(path)) return;
        seen.set(path, size(path));
        const text = readFileSync(path, 'utf8');
        for (const [, found] of text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)) {
            visit(join(directory, found.replace(base, '')));
        }
        if (path.endsWith('.js')) {
            for (const [, found] of text.matchAll(/(?:^|[;}\s])(?:import|export)[^;'"()]*?['"](\.\/[^'"]+\.js)['"]/g)) {
                visit(join(path, '..', found));
            }
        }
    };
    visit(join(directory, 'index.html'));
    return [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** What the widget loads when a chat needs it. */
function later(directory) {
    const names = readdirSync(directory).filter((name) => /^extra-.*\.js$/.test(name));
    return names.reduce((sum, name) => sum + size(join(directory, name)), 0);
}

const loader = size(join(root, 'loader', 'widget.js'));
const widget = loader + firstLoad(join(root, 'widget'), /^\/widget\//);
const rows = [
    ["the inbox's first load", firstLoad(join(root, 'console'), /^\//), 150 * KB],
    ['the widget: loader', loader, 2 * KB],
    ['the widget: loader and app', widget, 15 * KB],
    ['the widget with what few chats need', widget + later(join(root, 'widget/assets')), 18 * KB],
];
for (const [what, bytes, most] of rows) {
    console.log(`${what}: ${(bytes / KB).toFixed(2)} kB of ${most / KB}`);
    if (bytes > most) process.exitCode = 1;
}
