import type { Chat } from '../chat';
import { say } from './texts';

const LOOK_EVERY = 20_000;

let timer: ReturnType<typeof setTimeout>;

/** How many are before the visitor. Nobody tells when those have gone: it is looked up. */
export function Waiting({ chat }: { chat: Chat }) {
    clearTimeout(timer);
    timer = setTimeout(() => document.hidden || chat.resume(), LOOK_EVERY);
    const count = chat.current?.muster?.queue_position;
    return <>{count ? say('place', { count }) : say('waiting')}</>;
}
