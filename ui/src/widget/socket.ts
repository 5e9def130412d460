import type { Frame } from './wire';

const PING_EVERY = 10_000;
const SILENT_FOR = 25_000;
const FIRST_DELAY = 1000;
const LAST_DELAY = 30_000;

export interface Socket {
    open(): void;
    close(): void;
    send(type: string, data: object | null): void;
}

/** A socket that comes back by itself until it is closed. `join` is what it says first. */
export function socket(join: () => object, told: (frame: Frame) => void, isUp: (up: boolean) => void): Socket {
    let current: WebSocket | null = null;
    let isWanted = false;
    let isJoined = false;
    let heardAt = 0;
    let delay = FIRST_DELAY;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const open = (): void => {
        isWanted = true;
        clearTimeout(timer);
        if (current) return;
        const own = (current = new WebSocket(`${location.origin.replace('http', 'ws')}/widget/ws`));
        heardAt = Date.now();
        own.onopen = () => own.send(JSON.stringify(join()));
        own.onclose = () => drop(own);
        own.onmessage = ({ data }: MessageEvent<string>) => {
            if (own !== current) return;
            heardAt = Date.now();
            const frame = JSON.parse(data) as Frame;
            if (frame.type === 'joined') {
                isJoined = true;
                delay = FIRST_DELAY;
                isUp(true);
            }
            told(frame);
            if (frame.type === 'error' && !isJoined) drop(own);
        };
    };

    const drop = (own: WebSocket): void => {
        if (own !== current) return;
        current = null;
        isJoined = false;
        own.close();
        if (!isWanted) return;
        isUp(false);
        timer = setTimeout(open, delay * (0.75 + Math.random() / 2));
        delay = Math.min(delay * 1.5, LAST_DELAY);
    };

    const send = (type: string, data: object | null): void => {
        if (isJoined) current?.send(JSON.stringify({ type, data }));
    };

    setInterval(() => {
        if (current && Date.now() - heardAt > SILENT_FOR) drop(current);
        else send('ping', null);
    }, PING_EVERY);

    return {
        open,
        send,
        close() {
            isWanted = false;
            clearTimeout(timer);
            isUp(true);
            if (current) drop(current);
        },
    };
}
