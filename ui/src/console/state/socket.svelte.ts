import { api, take } from '../../api/client';

export interface Frame {
    type: string;
    data: unknown;
    position?: number;
}

const PING_EVERY = 30_000;
const SILENT_AFTER = 90_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** The agent's socket. After a lost network it goes on where it was, by the position of the last frame taken in. */
class AgentSocket {
    phase = $state<'connecting' | 'live' | 'lost'>('connecting');
    lostAt = $state<number | null>(null);

    #socket: WebSocket | null = null;
    #position: number | null = null;
    #wait = FIRST_WAIT;
    #heardAt = 0;
    #retry: ReturnType<typeof setTimeout> | undefined;
    #pinger: ReturnType<typeof setInterval> | undefined;
    #watched: string | null = null;
    #wanted = false;
    readonly #hearers = new Set<(frame: Frame) => void>();

    open() {
        this.#wanted = true;
        addEventListener('online', this.#now);
        addEventListener('offline', this.#drop);
        document.addEventListener('visibilitychange', this.#woke);
        this.#connect();
    }

    close() {
        this.#wanted = false;
        removeEventListener('online', this.#now);
        removeEventListener('offline', this.#drop);
        document.removeEventListener('visibilitychange', this.#woke);
        clearTimeout(this.#retry);
        this.#position = null;
        this.#leave();
    }

    hear(hearer: (frame: Frame) => void): () => void {
        this.#hearers.add(hearer);
        return () => this.#hearers.delete(hearer);
    }

    say(type: string, data: unknown) {
        if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type, data }));
    }

    /** The conversation on the screen: others see who looks at it, and its contact's typing is told. */
    watch(uuid: string | null) {
        this.#watched = uuid;
        if (uuid) this.say('conversation_subscribe', { conversation_uuid: uuid });
        else this.say('conversation_unsubscribe', null);
    }

    readonly #now = () => {
        clearTimeout(this.#retry);
        this.#wait = FIRST_WAIT;
        if (this.#wanted && this.phase !== 'live') this.#connect();
    };

    tryNow() {
        this.#now();
    }

    readonly #woke = () => {
        if (document.visibilityState !== 'visible') return;
        if (this.phase === 'live' && Date.now() - this.#heardAt > SILENT_AFTER) this.#lost();
        if (this.phase === 'lost') this.#now();
    };

    readonly #drop = () => this.#lost();

    #connect() {
        this.#leave();
        const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
        const socket = new WebSocket(`${scheme}://${location.host}/ws?position=${this.#position ?? 'latest'}`);
        this.#socket = socket;
        socket.onopen = () => {
            this.#heardAt = Date.now();
            socket.send('ping');
            this.#pinger = setInterval(() => this.#ping(), PING_EVERY);
            if (this.#watched) this.watch(this.#watched);
        };
        socket.onmessage = ({ data }) => this.#heard(String(data));
        socket.onclose = () => this.#lost();
    }

    #ping() {
        if (Date.now() - this.#heardAt > SILENT_AFTER) this.#lost();
        else this.#socket?.send('ping');
    }

    #heard(text: string) {
        this.#heardAt = Date.now();
        if (text === 'pong') return;
        const frame = JSON.parse(text) as Frame;
        if (frame.type === 'ready') {
            const { position } = frame.data as { position: number };
            const first = this.#position === null;
            this.#position = position;
            this.#wait = FIRST_WAIT;
            this.lostAt = null;
            this.phase = 'live';
            if (!first) {
                this.#tell({ type: 'regained', data: null });
                return;
            }
        }
        this.#tell(frame);
        if (frame.position !== undefined) this.#position = frame.position;
    }

    #tell(frame: Frame) {
        for (const hearer of this.#hearers) {
            try {
                hearer(frame);
            } catch (failure) {
                reportError(failure);
            }
        }
    }

    #leave() {
        clearInterval(this.#pinger);
        const socket = this.#socket;
        this.#socket = null;
        if (!socket) return;
        socket.onclose = null;
        socket.onmessage = null;
        socket.close();
    }

    #lost() {
        this.#leave();
        if (!this.#wanted) return;
        this.lostAt ??= Date.now();
        this.phase = 'lost';
        clearTimeout(this.#retry);
        const wait = this.#wait * (0.8 + Math.random() * 0.4);
        this.#wait = Math.min(this.#wait * 1.5, LONGEST_WAIT);
        this.#retry = setTimeout(() => void this.#again(), wait);
    }

    async #again() {
        try {
            await take(api.GET('/api/v1/agents/me'));
        } catch {
            if (this.#wanted) this.#lost();
            return;
        }
        if (this.#wanted) this.#connect();
    }
}

export const socket = new AgentSocket();
