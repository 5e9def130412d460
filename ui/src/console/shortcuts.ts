import { router } from './router.svelte';
import { place } from './place';
import { setStatus } from './state/actions';
import { composer } from './state/composer.svelte';
import { conversationList } from './state/conversationList.svelte';
import { menus } from './state/menus.svelte';
import { opened } from './state/opened.svelte';
import { shortcutKeys } from './state/shortcutKeys.svelte';
import { conversationPath, listPath } from './state/sources';

const GO: Record<string, string> = {
    i: '/inboxes/assigned',
    u: '/inboxes/unassigned',
    m: '/inboxes/mentioned',
    l: '/inboxes/all',
    q: '/queue',
    a: '/agents',
    t: '/teams',
    k: '/admin/skills',
    s: '/search',
};
const CHORD_FOR = 1_500;
let wentAt = 0;

function step(by: number) {
    const here = place(router.path);
    if (!here || conversationList.total === 0) return;
    const now = here.uuid ? conversationList.indexOf(here.uuid) : -1;
    const next = Math.min(Math.max(now < 0 ? 0 : now + by, 0), conversationList.total - 1);
    const item = conversationList.at(next);
    if (item) router.go(conversationPath(here.source, item.uuid));
}

function assign() {
    menus.details = matchMedia('(width < 80rem)').matches;
    menus.assign = true;
}

function back() {
    if (menus.sidebar || menus.details) {
        menus.sidebar = menus.details = false;
        return;
    }
    const here = place(router.path);
    if (here?.uuid) router.go(listPath(here.source));
}

/** What keys do on the page that is on the screen; they come before those of every page. */
export const pageKeys: { now: Record<string, () => void> } = { now: {} };

const keys: Record<string, () => void> = {
    j: () => step(1),
    k: () => step(-1),
    r: () => opened.thread && composer.write(false),
    n: () => opened.thread && composer.write(true),
    e: () => opened.thread && void setStatus(opened.thread, 'Resolved'),
    o: () => opened.thread && void setStatus(opened.thread, 'Open'),
    a: () => opened.thread && assign(),
    '/': () => router.go('/search'),
    '?': () => (menus.help = true),
};

function writes(target: EventTarget | null): boolean {
    return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

const covered = () => document.querySelector('[role=dialog], [role=menu], [data-popover-content]') !== null;

export function shortcuts(event: KeyboardEvent): void {
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        menus.palette = !menus.palette;
        return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || covered()) return;
    if (writes(event.target)) {
        if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
        return;
    }
    if (event.key === 'Escape') {
        event.preventDefault();
        back();
        return;
    }
    if (!shortcutKeys.on) return;
    const goes = Date.now() - wentAt < CHORD_FOR ? GO[event.key] : undefined;
    wentAt = event.key === 'g' ? Date.now() : 0;
    if (goes) router.go(goes);
    const act = goes ? undefined : (pageKeys.now[event.key] ?? keys[event.key]);
    if (goes || act) event.preventDefault();
    act?.();
}
