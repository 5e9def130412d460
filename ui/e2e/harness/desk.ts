import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from './api';
import { Program } from './program';

export interface Account {
    email: string;
    password: string;
    name: string;
}

/** The demo: throw-away data, a shop's page with the widget, an administrator and two agents at work. */
export class Demo {
    private constructor(readonly program: Program) {}

    static async start(): Promise<Demo> {
        return new Demo(await Program.start('demo', '--listen', '127.0.0.1:0'));
    }

    get address(): string {
        return this.program.address;
    }

    get shop(): string {
        return `${this.address}/demo`;
    }

    get inbox(): string {
        return this.program.find(/INBOX=(\S+)/);
    }

    get api(): Api {
        return new Api(this.address, [this.program.find(/API_KEY=(\S+)/), this.program.find(/API_SECRET=(\S+)/)]);
    }

    get administrator(): Account {
        return this.#account('admin@example.org', 'Demo');
    }

    get amy(): Account {
        return this.#account('amy@example.org', 'Amy');
    }

    get ben(): Account {
        return this.#account('ben@example.org', 'Ben');
    }

    #account(email: string, name: string): Account {
        return { email, name, password: this.program.find(new RegExp(`${email}\\s+(\\S+)`)) };
    }
}

/** A desk with data of its own, which outlive the program. */
export class OwnDesk {
    readonly #data = mkdtempSync(join(tmpdir(), 'muster-e2e-'));
    #listen = '127.0.0.1:0';

    private constructor(private program: Program) {}

    static async start(): Promise<OwnDesk> {
        const desk = new OwnDesk(undefined as never);
        await desk.#run();
        return desk;
    }

    get address(): string {
        return this.program.address;
    }

    /** The link that makes the first administrator. */
    get setUpLink(): string {
        return this.program.find(/(http:\S+\/setup#\S+)/);
    }

    /** Ends the program, and starts it again at the same address and on the same data. */
    async restart(signal: 'SIGTERM' | 'SIGKILL', meanwhile: () => Promise<void>): Promise<void> {
        await this.program.end(signal);
        await meanwhile();
        await this.#run();
    }

    async end(): Promise<void> {
        await this.program.end();
        rmSync(this.#data, { recursive: true, force: true });
    }

    async #run(): Promise<void> {
        this.program = await Program.start('serve', '--data', this.#data, '--listen', this.#listen);
        this.#listen = new URL(this.program.address).host;
    }
}
