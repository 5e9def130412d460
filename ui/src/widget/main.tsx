import { render } from 'preact';
import './style.css';
import { api, Refused } from './api';
import { App } from './App';
import { createChat, type Chat } from './chat';
import { host } from './host';
import { storage } from './storage';
import { direction, say } from './texts';
import { pick } from './theme';
import type { Settings } from './wire';

const AGAIN_AFTER = 5000;

const query = new URLSearchParams(location.search);
const inbox = query.get('inbox_id') ?? '';

let chat: Chat | undefined;

const page = host(query.get('origin'), (message) => {
    if (message.muster === 'shown') chat?.shown(message.open);
    else if (message.muster === 'visit') chat?.visited(message.url, message.title);
    else void chat?.identify(message.jwt).catch((error) => console.warn('Muster:', error.message));
});

async function settings(): Promise<Settings> {
    try {
        return await api(inbox, () => undefined)<Settings>('widget/chat/settings');
    } catch (error) {
        if (!(error as Refused).isPassing) throw error;
        await new Promise((done) => setTimeout(done, AGAIN_AFTER));
        return settings();
    }
}

function dress({ dark_mode, home_screen, language, brand_name }: Settings, color: string): void {
    const { documentElement: root } = document;
    const { type, color: solid, gradient_start, gradient_end } = home_screen.background;
    const isGradient = type === 'gradient';
    const values = {
        primary: color,
        hero: isGradient ? pick(gradient_start) : pick(solid, color),
        'hero-end': isGradient ? pick(gradient_end) : pick(solid, color),
        'on-hero': pick(home_screen.header_text_color, '#fff'),
    };
    for (const [name, value] of Object.entries(values)) root.style.setProperty(`--${name}`, value);
    if (dark_mode) root.style.colorScheme = 'dark';
    root.dir = direction(language);
    document.title = brand_name || say('chat');
}

async function start(): Promise<void> {
    const told = await settings();
    const { launcher, colors } = told;
    const color = pick(query.get('color'), colors.primary);
    dress(told, color);

    let isDue = false;
    const draw = (): void => {
        isDue = false;
        if (chat) render(<App chat={chat} place={chat.place} isOpen={chat.isOpen} />, document.body);
    };
    const changed = (): void => {
        if (!isDue) queueMicrotask(draw);
        isDue = true;
    };
    const prefix = `muster:${inbox}:`;
    const stores = {
        local: storage(prefix, () => localStorage),
        tab: storage(prefix, () => sessionStorage),
        kept: location.hash.slice(1),
    };
    chat = createChat(inbox, told, stores, page, changed);
    await chat.begin();

    const { position, spacing, logo_url: logo } = launcher;
    page.tell({
        muster: 'ready',
        launcher: { color: pick(query.get('color'), launcher.color, color), position, logo, ...spacing },
    });
}

/** Links lead out of the frame. */
document.addEventListener('click', ({ target }) => {
    const link = (target as Element).closest('a');
    if (link) Object.assign(link, { target: '_blank', rel: 'noopener noreferrer' });
});

start().catch((error) => {
    console.warn('Muster:', error.message);
    render(<p class="note">{say('none')}</p>, document.body);
});
