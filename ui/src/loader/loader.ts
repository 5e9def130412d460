import look from './look.css?inline';
import type { LauncherLook, ToFrame, ToPage } from './protocol';

type Call = ['open'] | ['close'] | ['identify', string | null];

declare global {
    interface Window {
        /** The page's way to the widget. Calls that were put into `q` before the script ran are made up for. */
        Muster?: ((...call: Call) => void) & { q?: Iterable<Call> };
    }
}

/** As in the styles: there it fills the screen. */
const FULL = '(max-width: 480px), (max-height: 480px)';
const BUBBLE = 'M21 12a8 8 0 0 1-8 8H4l2-3.2A8 8 0 1 1 21 12Z';
const CROSS = 'm6 6 12 12M18 6 6 18';
const SVG = 'http://www.w3.org/2000/svg';

function start(script: HTMLScriptElement): void {
    const { inbox = '', color, position } = script.dataset;
    const address = new URL('widget', script.src);
    const key = `muster:${inbox}`;
    const full = matchMedia(FULL);
    const root = document.documentElement;
    const { overflow } = root.style;

    const aside = document.createElement('aside');
    const button = document.createElement('button');
    const badge = document.createElement('span');
    const icon = document.createElementNS(SVG, 'svg');
    const path = document.createElementNS(SVG, 'path');
    const frame = document.createElement('iframe');

    let isReady = false;
    let isOpen = false;
    let behind: HTMLElement[] = [];
    let waiting: Call[] = [];

    const tell = (message: ToFrame): void => frame.contentWindow?.postMessage(message, address.origin);

    const stored = (): string => {
        try {
            return localStorage.getItem(key) ?? '';
        } catch {
            return '';
        }
    };

    /** Where the browser gives the frame no storage of its own, what a visitor wrote is found again by the page's. */
    const keep = (token: string | null): void => {
        try {
            if (token) localStorage.setItem(key, token);
            else localStorage.removeItem(key);
        } catch {
            // Then it lasts for this visit.
        }
    };

    const show = (open: boolean): void => {
        const hadFocus = document.activeElement === aside;
        isOpen = open;
        frame.className = open ? '' : 'closed';
        button.ariaExpanded = String(open);
        path.setAttribute('d', open ? CROSS : BUBBLE);
        settle();
        tell({ muster: 'shown', open });
        tell({ muster: 'visit', url: location.href, title: document.title });
        if (open) frame.focus();
        else if (hadFocus) button.focus();
    };

    /** Behind a widget that fills the screen the page doesn't scroll, and nothing of it is reached. */
    const settle = (): void => {
        const isFull = isOpen && full.matches;
        if (isFull === behind.length > 0) return;
        root.style.overflow = isFull ? 'hidden' : overflow;
        for (const element of behind) element.inert = false;
        const others = [...document.body.children] as HTMLElement[];
        behind = isFull ? others.filter((other) => other !== aside && !other.inert) : [];
        for (const element of behind) element.inert = true;
    };

    const dress = ({ color, side, bottom, logo, ...look }: LauncherLook): void => {
        const isLeft = (position ?? look.position) === 'left';
        aside.style.cssText = `--color: ${color}; --side: ${side}px; --bottom: ${bottom}px; --${isLeft ? 'left' : 'right'}: ${side}px`;
        if (logo) {
            const image = new Image();
            image.alt = '';
            image.onload = () => icon.replaceWith(image);
            image.src = new URL(logo, address).href;
        }
    };

    const call = (...[what, jwt]: Call): void => {
        if (!isReady) waiting.push([what, jwt] as Call);
        else if (what === 'identify') tell({ muster: 'identify', jwt: jwt ?? null });
        else show(what === 'open');
    };

    addEventListener('message', ({ source, origin, data }: MessageEvent<ToPage>) => {
        if (source !== frame.contentWindow || origin !== address.origin) return;
        if (data.muster === 'ready') {
            isReady = true;
            dress(data.launcher);
            button.hidden = false;
            show(false);
            for (const past of waiting) call(...past);
            waiting = [];
        } else if (data.muster === 'unread') {
            aside.ariaLabel = button.ariaLabel = frame.title = data.label;
            badge.hidden = !data.count;
            badge.textContent = String(data.count);
        } else if (data.muster === 'keep') {
            keep(data.token);
        } else if (data.muster === 'close') {
            show(false);
            button.focus();
        }
    });
    full.addEventListener('change', settle);
    aside.addEventListener('keydown', (event) => {
        if (isOpen && event.key === 'Escape') show(false);
    });
    button.addEventListener('click', () => show(!isOpen));

    address.search = String(new URLSearchParams({ inbox_id: inbox, origin: location.origin, color: color ?? '' }));
    address.hash = stored();
    frame.src = address.href;
    frame.className = 'closed';
    icon.setAttribute('viewBox', '0 0 24 24');
    icon.append(path);
    button.hidden = badge.hidden = true;
    button.append(icon, badge);

    const sheet = new CSSStyleSheet();
    sheet.replaceSync(look);
    const shadow = aside.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(frame, button);
    const attach = (): void => document.body.append(aside);
    if (document.readyState === 'complete') attach();
    else addEventListener('load', attach);

    waiting = [...(window.Muster?.q ?? [])];
    window.Muster = call;
}

start(document.currentScript as HTMLScriptElement);
