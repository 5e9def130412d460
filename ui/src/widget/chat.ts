import { api, Refused } from './api';
import { redirected, type Drafts } from './drafts';
import type { Host } from './host';
import { isOwn, merged } from './messages';
import { outbox, type Failure, type Unsent } from './outbox';
import { sessions } from './session';
import { socket } from './socket';
import type { Storage } from './storage';
import { say } from './texts';
import type { Conversation, Exchanged, Frame, Message, Settings, Started, Thread } from './wire';

const CHAT = 'widget/chat/';
const TYPING_TOLD_EVERY = 3000;
const TYPING_ENDS_AFTER = 5000;
const TYPING_SHOWN_FOR = 12_000;
const LOST_SHOWN_AFTER = 2000;
const AGAIN_AFTER = 5000;

/** The place of a conversation that its first message begins. */
export const NEW = '';

/** A conversation; with its messages once it was opened. */
export type Known = Conversation & Partial<Omit<Thread, 'conversation'>>;

export type Chat = ReturnType<typeof createChat>;

export const isOver = ({ status }: Conversation): boolean => /^(resolved|closed)$/i.test(status);

const newEcho = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');

/** What the visitor has and does, without how it looks. `changed` is called after every change. */
export function createChat(
    inbox: string,
    settings: Settings,
    store: Storage,
    kept: string,
    host: Host,
    changed: () => void,
) {
    const session = sessions(store, kept, host);
    const call = api(inbox, session);

    /** Whether a conversation comes at once: there is nothing to see before. */
    const isDirect =
        settings.direct_to_conversation ||
        !(settings.greeting_message || settings.introduction_message || settings.notice_banner.enabled);

    let conversations: Known[] = [];
    /** The open conversation; null: the list; undefined: it is to be chosen yet. */
    let place: string | null | undefined;
    let isOpen = !host.isThere;
    let isLost = false;
    let isTyping = false;
    /** Who somebody is is being asked: meanwhile the visitor's session may end, and nothing begins. */
    let exchanging = 0;
    let hasTypedAt = 0;
    let visit: { url: string; title: string } | null = null;
    let typingShown: ReturnType<typeof setTimeout> | undefined;
    let typingTold: ReturnType<typeof setTimeout> | undefined;
    let lostShown: ReturnType<typeof setTimeout> | undefined;
    let loaded: ReturnType<typeof setTimeout> | undefined;

    const known = (chat: string | null | undefined) => conversations.find(({ uuid }) => uuid === chat);

    const audience = () => (session.current?.isVisitor === false ? settings.users : settings.visitors);

    const mayStart = (): boolean => {
        const { allow_start_conversation: may, prevent_multiple_conversations: one } = audience();
        return may && !(one && conversations.some((some) => !isOver(some)));
    };

    const update = (): void => {
        const read = known(place);
        if (isOpen && read?.unread_message_count && !document.hidden) {
            read.unread_message_count = 0;
            void call(`${CHAT}conversations/${place}/update-last-seen`, {}).catch(isOut);
        }
        const count = conversations.reduce((sum, { unread_message_count: some }) => sum + some, 0);
        host.tell({ muster: 'unread', count, label: say(count ? 'unread' : 'chat', { count }) });
        changed();
    };

    const forget = (): void => {
        session.turn++;
        link.close();
        session.set(null);
        conversations = [];
        isTyping = false;
        if (place) place = NEW;
        update();
    };

    const drafts = (): Drafts => store.read('drafts') ?? {};

    const draft = (): string => drafts()[place ?? NEW] ?? '';

    const keepDraft = (text: string): void => store.write('drafts', { ...drafts(), [place ?? NEW]: text });

    const redirect = (to: string, from?: string, failure?: Failure): void => {
        store.write('drafts', redirected(drafts(), to, from));
        box.redirect(to, from, failure);
    };

    /** What was not sent to a conversation that is no more, or to any, waits in a new one. */
    const strand = (gone?: string): void => redirect(NEW, gone, { message: '', isUnsure: true });

    /** Whether it was because the session is over: the visitor begins anew. */
    const isOut = ({ status }: Refused): boolean => {
        if (status !== 401 || exchanging) return false;
        strand();
        forget();
        return true;
    };

    const take = ({ conversation, messages, ...hours }: Thread): void => {
        const { uuid } = conversation;
        const before = known(uuid);
        const now = { ...before, ...conversation, ...hours, messages: merged(before?.messages, messages) };
        conversations = before ? conversations.map((some) => (some === before ? now : some)) : [now, ...conversations];
    };

    /** Where a visit begins: in what was left unfinished, or in a new conversation, or with the list. */
    const firstPlace = (): string | null => {
        const unsent = box.items.find(({ chat }) => !chat || known(chat));
        return unsent?.chat ?? conversations.find((some) => !isOver(some))?.uuid ?? (mayStart() ? NEW : null);
    };

    const load = async (): Promise<void> => {
        let chat: string | null | undefined;
        clearTimeout(loaded);
        try {
            const list = session.current && (await call<Conversation[]>(`${CHAT}conversations`));
            if (list) conversations = list.map((told) => ({ ...known(told.uuid), ...told }));
            if (place === undefined) place = isDirect ? firstPlace() : null;
            chat = list && place;
            if (chat) take(await call<Thread>(`${CHAT}conversations/${chat}`));
        } catch (error) {
            if (isOut(error as Refused)) return load();
            if (chat && !(error as Refused).isPassing) {
                strand(chat);
                if (place === chat) place = isDirect && mayStart() ? NEW : null;
            } else {
                loaded = setTimeout(load, AGAIN_AFTER);
            }
        }
        update();
    };

    const add = (message: Message): void => {
        const { uuid, conversation_uuid: chat, text_content: content, created_at, author } = message;
        const into = known(chat);
        if (!into) return void load();
        const isNew = !into.messages?.some((some) => some.uuid === uuid);
        if (into.messages) into.messages = merged(into.messages, [message]);
        into.last_message = { content, created_at, author };
        if (isNew && !isOwn(message)) {
            into.unread_message_count++;
            isTyping = false;
        }
        update();
    };

    const hear = (frame: Frame): void => {
        if (frame.type === 'new_message') {
            add(frame.data);
        } else if (frame.type === 'conversation_update') {
            const told = known(frame.data.uuid);
            if (told) Object.assign(told, frame.data);
            else void load();
        } else if (frame.type === 'typing') {
            isTyping = frame.data.is_typing && frame.data.conversation_uuid === place;
            clearTimeout(typingShown);
            typingShown = setTimeout(() => {
                isTyping = false;
                changed();
            }, TYPING_SHOWN_FOR);
        } else if (frame.type !== 'pong') {
            // Joined; or refused, perhaps because the session is over.
            if (visit) link.send('page_visit', visit);
            void load();
            void box.flush();
        }
        changed();
    };

    const link = socket(
        () => ({ type: 'join', token: session.current?.token, data: { inbox_id: inbox } }),
        hear,
        (up) => {
            clearTimeout(lostShown);
            lostShown = setTimeout(
                () => {
                    isLost = !up;
                    changed();
                },
                up ? 0 : LOST_SHOWN_AFTER,
            );
        },
    );

    const tellTyping = (is_typing: boolean): void => link.send('typing', { conversation_uuid: place, is_typing });

    const stopTyping = (): void => {
        clearTimeout(typingTold);
        if (hasTypedAt) tellTyping(false);
        hasTypedAt = 0;
    };

    const start = async (first: object): Promise<void> => {
        const form_data = store.read('answers') ?? {};
        const started = await call<Started>(`${CHAT}conversations/init`, { ...first, form_data });
        const {
            session_token: token,
            conversation: { uuid },
        } = started;
        if (token) session.set({ token, isVisitor: true });
        store.write('answers', null);
        take(started);
        if (place === NEW) place = uuid;
        redirect(uuid, NEW);
        link.open();
    };

    const deliver = async (item: Unsent): Promise<void> => {
        const { chat, file } = item;
        const body = { message: item.text, echo_id: item.echo };
        try {
            if (exchanging) throw new Refused(0, '');
            if (file) {
                const form = new FormData();
                form.append('conversation_uuid', chat);
                form.append('files', file);
                add(await call<Message>('widget/media/upload', form));
            } else if (chat) {
                add(await call<Message>(`${CHAT}conversations/${chat}/message`, body));
            } else {
                await start(body);
            }
        } catch (error) {
            isOut(error as Refused);
            throw error;
        }
    };

    const box = outbox(
        store.read<Unsent[]>('unsent') ?? [],
        ({ file, chat }) => !exchanging && (!!file || (!chat && !session.current)),
        deliver,
        (items) => {
            store.write(
                'unsent',
                items.filter(({ file }) => !file),
            );
            changed();
        },
    );
    if (!session.current) strand();

    const resume = (): Promise<void> => {
        if (session.current) link.open();
        void box.flush();
        return load();
    };

    addEventListener('online', resume);
    addEventListener('offline', changed);
    document.addEventListener('visibilitychange', () => {
        if (!document.hidden) void resume();
    });

    return {
        settings,
        changed,
        isDirect,
        /** Whether the page around can close it. */
        isFramed: host.isThere,
        get conversations() {
            return conversations;
        },
        get place() {
            return place;
        },
        get current() {
            return known(place);
        },
        get unsent() {
            return box.items.filter(({ chat }) => chat === place);
        },
        get isOpen() {
            return isOpen;
        },
        get isLost() {
            return isLost;
        },
        get isTyping() {
            return isTyping;
        },
        get takesFiles() {
            return !!place && settings.features.file_upload;
        },
        /** Whether the form stands before the first message. */
        get isAsking() {
            const { enabled, fields } = settings.prechat_form;
            const isSending = box.items.some(({ chat, failure }) => !chat && !failure);
            return place === NEW && !session.current && !isSending && enabled && fields.length > 0;
        },
        audience,
        mayStart,
        resume,
        go(to: string | null) {
            stopTyping();
            place = to;
            isTyping = false;
            void load();
            changed();
        },
        shown(open: boolean) {
            isOpen = open;
            const unread = conversations.find((some) => some.unread_message_count);
            if (open && place === null && unread) this.go(unread.uuid);
            update();
        },
        visited(url: string, title: string) {
            if (visit?.url === url) return;
            visit = { url, title };
            link.send('page_visit', visit);
        },
        /** Whom the page vouches for; null: somebody else from now on. */
        async identify(jwt: string | null) {
            session.turn++;
            if (!jwt || !store.isLasting) {
                box.clear();
                store.clear();
                forget();
            }
            if (!jwt) return;
            const visitor = session.current && { 'X-Libredesk-Visitor-Token': session.current.token };
            exchanging++;
            try {
                const { session_token: token } = await call<Exchanged>(`${CHAT}auth/exchange`, { jwt }, visitor);
                link.close();
                session.set({ token, isVisitor: false });
                store.hide();
                conversations = [];
                place = undefined;
            } finally {
                exchanging--;
            }
            await resume();
        },
        draft,
        write(text: string) {
            keepDraft(text);
            if (!place || !text) return stopTyping();
            clearTimeout(typingTold);
            typingTold = setTimeout(stopTyping, TYPING_ENDS_AFTER);
            const now = Date.now();
            if (now - hasTypedAt < TYPING_TOLD_EVERY) return;
            hasTypedAt = now;
            tellTyping(true);
        },
        answers: () => store.read<Record<string, string | number | boolean>>('answers') ?? {},
        answer: (answers: Record<string, unknown>) => store.write('answers', answers),
        send(text: string) {
            stopTyping();
            keepDraft('');
            box.add({ echo: newEcho(), chat: place ?? NEW, text });
        },
        /** Says whether there were any. */
        sendFiles(files: FileList | null | undefined): boolean {
            const chat = place ?? NEW;
            box.add(...[...(files ?? [])].map((file) => ({ echo: newEcho(), chat, text: file.name, file })));
            return !!files?.length;
        },
        retry: box.retry,
        /** Back into the draft, or away for a file. */
        takeBack(item: Unsent) {
            const { text, file } = item;
            if (!file) keepDraft([draft(), text].filter(Boolean).join('\n'));
            box.remove(item);
        },
        async rate(message: Message, rating: number, feedback: string) {
            await call(`csat/${message.meta.csat_uuid}/response`, { rating, feedback });
            const rated = known(message.conversation_uuid)?.messages?.find(({ uuid }) => uuid === message.uuid);
            if (rated) rated.meta = { ...rated.meta, csat_submitted: true, submitted_rating: rating };
            changed();
        },
        close: () => host.tell({ muster: 'close' }),
    };
}
