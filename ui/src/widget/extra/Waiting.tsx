import type { Chat } from '../chat';
import { say } from './texts';

const LOOK_EVERY = 20_000;

let isDue = false;

function look(chat: Chat): void {
    isDue = false;
    if (chat.isOpen) void chat.resume();
}

/** How many are before the visitor. Nobody tells when those have gone: it is looked up. */
export function Waiting({ chat }: { chat: Chat }) {
    if (!isDue) setTimeout(look, LOOK_EVERY, chat);
    isDue = true;
    const count = chat.current?.muster?.queue_position;
    return <>{count ? say('place', { count }) : say('waiting')}</>;
}
