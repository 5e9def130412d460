import { render } from 'preact';
import './style.css';
import { api, Refused } from './api';
import { createChat, type Chat } from './chat';
import { ConversationView } from './Conversation';
import { parts } from './parts';
import { byTouch } from './device';
import { host } from './host';
import { storage } from './storage';
import { direction, say } from './texts';
import { pick } from './theme';
import type { Settings } from './wire';

const AGAIN_AFTER = 5000;

const root = document.querySelector('main')!;
const query = new URLSearchParams(location.search);
const inbox = query.get('inbox_id') ?? '';

let chat: Chat | undefined;

const warn = ({ message }: Error): void => console.warn('Muster:', message);

const around = host(query.get('origin'), (message) => {
    if (message.muster === 'shown') chat?.shown(message.open);
    else if (message.muster === 'visit') chat?.visited(message.url, message.title);
    else if (message.muster === 'identify') void chat?.identify(message.jwt).catch(warn);
});

async function settings(): Promise<Settings> {
    try {
        return await api(inbox, { current: null, turn: 0 })<Settings>('widget/chat/settings');
    } catch (error) {
        if (!(error as Refused).isPassing) throw error;
        await new Promise((done) => setTimeout(done, AGAIN_AFTER));
        return settings();
    }
}

function dress({ dark_mode, home_screen, language, brand_name }: Settings, color: string): void {
    const { documentElement: page } = document;
    const { type, color: solid, gradient_start, gradient_end } = home_screen.background;
    const [from, to] = type === 'gradient' ? [gradient_start, gradient_end] : [solid, solid];
    const [hero, end] = [pick(from, color), pick(to, color)];
    const ink = pick(home_screen.header_text_color, '#fff');
    page.style.cssText = `--primary: ${color}; --hero: ${hero}; --hero-end: ${end}; --on-hero: ${ink}`;
    if (dark_mode) page.style.colorScheme = 'dark';
    page.dir = direction(language);
    root.ariaLabel = document.title = brand_name || say('chat');
}

/** The focus goes in when the widget opens, and on where what had it went away. No keyboard comes up by itself. */
function focusFirst(): void {
    document.querySelector<HTMLElement>(byTouch() ? 'h1' : '[data-first]')?.focus();
}

async function start(): Promise<void> {
    const told = await settings();
    const { launcher, colors } = told;
    const color = pick(query.get('color'), colors.primary);
    dress(told, color);

    let isDue = false;
    let wasOpen = false;
    const draw = (): void => {
        isDue = false;
        if (!chat) return;
        const View = chat.place == null ? parts(chat)?.Home : ConversationView;
        if (View) render(<View chat={chat} />, root);
        if (chat.isOpen && (!wasOpen || document.activeElement === document.body)) focusFirst();
        wasOpen = chat.isOpen;
    };
    const changed = (): void => {
        if (!isDue) queueMicrotask(draw);
        isDue = true;
    };
    const store = storage(`muster:${inbox}:`, () => localStorage);
    chat = createChat(inbox, told, store, location.hash.slice(1), around, changed);
    await chat.resume();

    const { position, spacing, logo_url: logo } = launcher;
    around.tell({
        muster: 'ready',
        launcher: { color: pick(query.get('color'), launcher.color, color), position, logo, ...spacing },
    });
}

for (const type of ['dragover', 'drop'] as const) {
    addEventListener(type, (event) => {
        event.preventDefault();
        if (type === 'drop' && chat?.takesFiles) chat.sendFiles(event.dataTransfer?.files);
    });
}

/** Links lead out of the frame. */
document.addEventListener('click', ({ target }) => {
    const link = (target as Element).closest('a');
    if (link) Object.assign(link, { target: '_blank', rel: 'noopener noreferrer' });
});

document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') chat?.close();
});

start().catch((error) => {
    warn(error);
    render(<p class="note">{say('none')}</p>, root);
});
