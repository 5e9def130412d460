import { readFileSync } from 'node:fs';
import type { BrowserContext } from '@playwright/test';

interface Document {
    paths: Record<string, Record<string, unknown>>;
}

interface Seen {
    method: string;
    url: URL;
    /** Part of a page, not asked for by a script. */
    isFile: boolean;
}

const text = readFileSync(new URL('../../../docs/openapi/libredesk.json', import.meta.url), 'utf8');
const documented = Object.entries((JSON.parse(text) as Document).paths).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`),
    methods: Object.keys(methods),
}));

const FILES = new Set(['document', 'script', 'stylesheet', 'image', 'font', 'media', 'manifest', 'other']);
/** The documents themselves, which their reader asks for. */
const DOCUMENT = /^\/docs\/\w+\.json$/;
/** The document is of requests and answers. */
const SOCKETS = new Set(['/ws', '/widget/ws']);

const isDocumented = ({ method, url: { pathname } }: Seen): boolean =>
    documented.some(({ pattern, methods }) => pattern.test(pathname) && methods.includes(method.toLowerCase()));

/** What browsers asked for, and what went wrong in them. */
export class Watch {
    readonly requests: Seen[] = [];
    /** Breaches of the policy, errors of scripts, dialogs. */
    readonly faults: string[] = [];
    /** What the policy is there to keep out. */
    keptOut: RegExp | null = null;

    over(context: BrowserContext): void {
        context.on('request', (request) => {
            const { pathname } = new URL(request.url());
            const isFile =
                DOCUMENT.test(pathname) || (FILES.has(request.resourceType()) && !pathname.startsWith('/api/'));
            this.#saw(request.method(), request.url(), isFile);
        });
        context.on('requestfailed', (request) => {
            if (/csp/i.test(request.failure()?.errorText ?? '')) this.#neverLeft(request.url());
        });
        context.on('page', (page) => {
            page.on('websocket', (socket) => this.#saw('GET', socket.url().replace(/^ws/, 'http'), false));
        });
        context.on('dialog', (dialog) => {
            this.faults.push(`dialog: ${dialog.message()}`);
            void dialog.dismiss();
        });
        context.on('weberror', (error) => this.faults.push(`error: ${error.error().stack ?? error.error().message}`));
        context.on('console', (message) => {
            const text = message.text();
            if (text.includes('Content Security Policy') && !this.keptOut?.test(text)) this.faults.push(text);
        });
    }

    /** Requests that left these origins. */
    strayed(origins: readonly string[]): string[] {
        const own = new Set(origins.map((origin) => new URL(origin).origin));
        return this.requests.filter(({ url }) => !own.has(url.origin)).map(({ url }) => url.href);
    }

    /** What scripts asked of the desk that its document doesn't tell of. */
    undocumented(): string[] {
        const asked = this.requests.filter(({ isFile, url }) => !isFile && !SOCKETS.has(url.pathname));
        return [...new Set(asked.filter((seen) => !isDocumented(seen)).map((seen) => `${seen.method} ${seen.url}`))];
    }

    #neverLeft(address: string): void {
        const at = this.requests.findIndex(({ url }) => url.href === address);
        if (at >= 0) this.requests.splice(at, 1);
    }

    #saw(method: string, address: string, isFile: boolean): void {
        const url = new URL(address);
        if (/^https?:$/.test(url.protocol)) this.requests.push({ method, url, isFile });
    }
}
