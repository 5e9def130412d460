/** How Debian's Chromium is started: no requests of its own, and nothing that a container lacks. */
export const EXECUTABLE = '/usr/bin/chromium';
export const FLAGS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];
