import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody's page on another site than the desk's, with the widget on it and a strict policy. */
export class HostPage {
    private constructor(private readonly server: Server) {}

    static async start(desk: string, inbox: string, language = 'lang="en"'): Promise<HostPage> {
        const page = `<!doctype html><html ${language}><head><meta charset="utf-8"><title>A shop</title>
            <link rel="icon" href="data:,"></head><body><h1>A shop</h1>
            <script src="${desk}/widget.js" data-inbox="${inbox}" async></script></body></html>`;
        const policy = `default-src 'self'; script-src 'self' ${desk}; frame-src ${desk}; img-src data:`;
        const server = createServer((_, answer) => {
            answer.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy });
            answer.end(page);
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        return new HostPage(server);
    }

    /** By a name that makes it another site than `127.0.0.1`. */
    get address(): string {
        return `http://localhost:${(this.server.address() as AddressInfo).port}`;
    }

    async end(): Promise<void> {
        this.server.close();
        this.server.closeAllConnections();
        await once(this.server, 'close');
    }
}
