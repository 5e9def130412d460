import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const PROGRAM = resolve(process.env.MUSTER_BIN ?? '../target/debug/muster');
const STARTS_WITHIN = 60_000;

/** The server's program, as it runs. It is ended with the tests at the latest. */
export class Program {
    /** What it has printed so far. */
    printed = '';
    readonly #child: ChildProcess;
    readonly #end = () => this.#child.kill('SIGKILL');

    private constructor(parameters: string[]) {
        this.#child = spawn(PROGRAM, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
        this.#child.stdout?.on('data', (text) => (this.printed += text));
        this.#child.stderr?.on('data', (text) => (this.printed += text));
        process.once('exit', this.#end);
    }

    /** Starts it and waits until it answers. */
    static async start(...parameters: string[]): Promise<Program> {
        const program = new Program(parameters);
        await program.#hears();
        return program;
    }

    get address(): string {
        return this.find(/^listening on (http:\S+)$/m);
    }

    /** What it printed at the place of the pattern's group. */
    find(pattern: RegExp): string {
        const found = pattern.exec(this.printed)?.[1];
        if (found === undefined) throw new Error(`no ${pattern} in what was printed:\n${this.printed}`);
        return found;
    }

    /** Tells it to end, or ends it at once, and waits until it has. */
    async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
        process.removeListener('exit', this.#end);
        if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
        const ended = once(this.#child, 'exit');
        this.#child.kill(signal);
        await ended;
    }

    #hears(): Promise<void> {
        return new Promise((done, failed) => {
            const heard = () => {
                if (/^listening on /m.test(this.printed)) settle();
            };
            const ended = (code: number | null) => settle(`ended with ${code}`);
            const settle = (why?: string) => {
                clearTimeout(late);
                this.#child.stdout?.off('data', heard);
                this.#child.off('exit', ended);
                if (why === undefined) done();
                else failed(new Error(`${PROGRAM} ${why}:\n${this.printed}`));
            };
            const late = setTimeout(() => settle('has not started'), STARTS_WITHIN);
            this.#child.once('error', (error) => settle(`can't be run: ${error.message}`));
            this.#child.once('exit', ended);
            this.#child.stdout?.on('data', heard);
        });
    }
}
