// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createChat } from './chat';
import { storage } from './storage';
import type { Settings } from './wire';

const settings = {
    direct_to_conversation: true,
    notice_banner: { enabled: false },
    prechat_form: { enabled: false, fields: [] },
    features: { file_upload: true },
    users: { allow_start_conversation: true },
    visitors: { allow_start_conversation: true },
} as unknown as Settings;

interface Asked {
    path: string;
    token: string;
    body: { message?: string };
    answer(status: number, data?: unknown): void;
}

let asked: Asked[];

class Socket {
    close(): void {}
    send(): void {}
}

beforeEach(() => {
    asked = [];
    localStorage.clear();
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', Socket);
    vi.stubGlobal('fetch', (path: string, { headers, body }: RequestInit) => {
        return new Promise((done) =>
            asked.push({
                path: path.replace('/api/v1/widget/chat/', ''),
                token: (headers as Record<string, string>).Authorization ?? '',
                body: JSON.parse(typeof body === 'string' ? body : '{}'),
                answer: (status, data) => done(new Response(JSON.stringify({ data }), { status })),
            }),
        );
    });
});
afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

const passes = () => vi.advanceTimersByTimeAsync(10);
const conversation = (uuid: string) => ({ uuid, status: 'Open', unread_message_count: 0, last_message: {} });

/** Answers the latest of the requests for a path. */
async function answer(path: string, status: number, data?: unknown): Promise<void> {
    const found = asked.findLast((some) => some.path === path);
    if (!found) throw new Error(`${path} was not asked for: ${asked.map((some) => some.path).join()}`);
    asked = asked.filter((some) => some !== found);
    found.answer(status, data);
    await passes();
}

const widget = () =>
    createChat(
        'inbox',
        settings,
        storage('m:', () => localStorage),
        '',
        { isThere: false, tell() {} },
        () => {},
    );

async function visitor() {
    localStorage.setItem('m:token', '"visitor"');
    const chat = widget();
    void chat.resume();
    await answer('conversations', 200, [conversation('c')]);
    await answer('conversations/c', 200, { conversation: conversation('c'), messages: [] });
    expect(chat.place).toBe('c');
    return chat;
}

async function identified(chat: ReturnType<typeof widget>, token: string) {
    void chat.identify('jwt').catch(() => {});
    await answer('auth/exchange', 200, { session_token: token });
    await answer('conversations', 200, [conversation(`of ${token}`)]);
    await answer(`conversations/of ${token}`, 200, { conversation: conversation(`of ${token}`), messages: [] });
    expect(chat.place).toBe(`of ${token}`);
}

test('what one person asked for is not shown to the next', async () => {
    const chat = widget();
    void chat.resume();
    chat.send('Hello');
    await passes();
    await chat.identify(null);
    await answer('conversations/init', 200, {
        session_token: 'first',
        conversation: conversation('first'),
        messages: [],
    });
    expect([chat.conversations, chat.unsent, localStorage.getItem('m:token')]).toEqual([[], [], 'null']);
});

test('a late refusal of one session does not end the next', async () => {
    const chat = await visitor();
    void chat.resume();
    await passes();
    const late = asked.find(({ path }) => path === 'conversations');
    asked = [];
    await identified(chat, 'kim');
    late?.answer(401);
    await passes();
    expect(chat.place).toBe('of kim');
});

test('an identity that the desk refuses leaves nobody signed in', async () => {
    const chat = widget();
    void chat.resume();
    await identified(chat, 'kim');
    void chat.identify('another').catch(() => {});
    await passes();
    expect(chat.conversations).toEqual([]);
    await answer('auth/exchange', 401);
    void chat.resume();
    await passes();
    expect(asked).toEqual([]);
});

test('what an identified person writes lasts as long as the page, and nobody else finds it', async () => {
    const chat = await visitor();
    chat.write('before');
    await identified(chat, 'kim');
    chat.write('secret draft');
    chat.send('secret message');
    chat.write('secret draft');
    expect(JSON.stringify(localStorage)).not.toMatch(/secret|before/);
    void chat.identify('another').catch(() => {});
    await answer('auth/exchange', 200, { session_token: 'ben' });
    await answer('conversations', 200, [conversation('of kim')]);
    expect([chat.place, chat.draft(), chat.unsent]).toEqual(['of kim', '', []]);
});

test('when a session is over, what was not sent waits in order in a new conversation', async () => {
    const chat = await visitor();
    chat.send('one');
    chat.send('two');
    chat.write('three');
    await passes();
    await answer('conversations/c/message', 401);
    expect(chat.place).toBe('');
    expect(chat.draft()).toBe('three');
    expect(chat.unsent.map(({ text, failure }) => [text, !!failure])).toEqual([
        ['one', true],
        ['two', true],
    ]);
    expect(asked.filter(({ body }) => body.message)).toEqual([]);
});

test('where a visit begins is chosen when the list is there', async () => {
    localStorage.setItem('m:token', '"visitor"');
    const chat = widget();
    void chat.resume();
    await answer('conversations', 503);
    expect(chat.place).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10_000);
    await answer('conversations', 200, [conversation('c')]);
    expect(chat.place).toBe('c');
});

test('a conversation that is no more gives way, and what was written for it is kept', async () => {
    const chat = await visitor();
    chat.write('a draft');
    void chat.resume();
    await answer('conversations', 200, []);
    await answer('conversations/c', 404);
    expect([chat.place, chat.draft()]).toEqual(['', 'a draft']);
});
