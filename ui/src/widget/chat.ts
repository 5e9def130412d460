import { api, Refused } from './api';
import type { Host } from './host';
import { isOwn, merged } from './messages';
import { outbox, type Unsent } from './outbox';
import { externalIdOf, sessions } from './session';
import { socket } from './socket';
import type { Storage } from './storage';
import { say } from './texts';
import type { Conversation, Exchanged, Frame, Message, Settings, Started, Thread } from './wire';

const CHAT = 'widget/chat/';
const TYPING_TOLD_EVERY = 3000;
const TYPING_ENDS_AFTER = 5000;
const TYPING_SHOWN_FOR = 12_000;
const LOST_SHOWN_AFTER = 2000;

/** A conversation that its first message begins. */
export const NEW = '';

const newEcho = (): string =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export const isOver = ({ status }: Conversation): boolean => /^(resolved|closed)$/i.test(status);

export type Chat = ReturnType<typeof createChat>;

/** What the visitor has and does, without how it looks. `changed` is called after every change. */
export function createChat(
    inbox: string,
    settings: Settings,
    stores: { local: Storage; tab: Storage; kept: string },
    host: Host,
    changed: () => void,
) {
    const { local } = stores;
    const session = sessions(local, stores.tab, stores.kept, host);
    const call = api(inbox, () => session.current?.token);

    /** Whether a conversation comes at once: there is nothing to see before. */
    const isDirect =
        settings.direct_to_conversation ||
        !(
            settings.greeting_message ||
            settings.introduction_message ||
            settings.notice_banner.enabled ||
            settings.home_apps.length
        );

    let conversations: Conversation[] = [];
    let thread: Thread | null = null;
    /** The open conversation; null: the list. */
    let place: string | null = null;
    let isOpen = !host.isThere;
    let isLost = false;
    let isTyping = false;
    let hasTypedAt = 0;
    let takenBack = 0;
    let visit: { url: string; title: string } | null = null;
    let typingShown: ReturnType<typeof setTimeout> | undefined;
    let typingTold: ReturnType<typeof setTimeout> | undefined;
    let lostShown: ReturnType<typeof setTimeout> | undefined;

    const forget = (): void => {
        link.close();
        session.set(null);
        conversations = [];
        thread = null;
        if (place) place = NEW;
        tellUnread();
    };

    /** Does what needs the session. Without one any more the visitor begins anew. */
    const asked = async <T>(what: Promise<T>): Promise<T | null> => {
        try {
            return await what;
        } catch (error) {
            if (error instanceof Refused && error.status === 401) forget();
            return null;
        }
    };

    const audience = () => (session.current?.isVisitor === false ? settings.users : settings.visitors);

    const mayStart = (): boolean => {
        const { allow_start_conversation: may, prevent_multiple_conversations: one } = audience();
        return may && !(one && conversations.some((some) => !isOver(some)));
    };

    const tellUnread = (): void => {
        const count = conversations.reduce((sum, { unread_message_count: some }) => sum + some, 0);
        host.tell({ muster: 'unread', count, label: count ? say('unread', { count }) : say('chat') });
        changed();
    };

    const isBeingRead = (chat: string): boolean => isOpen && place === chat && document.visibilityState === 'visible';

    const see = (): void => {
        const read = conversations.find(({ uuid }) => uuid === place);
        if (!read?.unread_message_count || !isBeingRead(read.uuid)) return;
        read.unread_message_count = 0;
        tellUnread();
        void asked(call(`${CHAT}conversations/${read.uuid}/update-last-seen`, {}));
    };

    const take = (told: Thread): void => {
        const { conversation } = told;
        conversations = [conversation, ...conversations.filter(({ uuid }) => uuid !== conversation.uuid)];
        if (place !== conversation.uuid) return;
        const isSame = thread?.conversation.uuid === place;
        thread = { ...told, messages: merged((isSame && thread?.messages) || [], told.messages) };
    };

    const load = async (): Promise<void> => {
        if (!session.current) return tellUnread();
        const list = await asked(call<Conversation[]>(`${CHAT}conversations`));
        if (list) conversations = list;
        if (list && place) {
            const told = await asked(call<Thread>(`${CHAT}conversations/${place}`));
            if (told) take(told);
        }
        see();
        tellUnread();
    };

    const add = (message: Message): void => {
        const chat = message.conversation_uuid;
        const known = conversations.find(({ uuid }) => uuid === chat);
        if (!known) return void load();
        const isNew = !thread?.messages.some(({ uuid }) => uuid === message.uuid);
        known.last_message = { content: message.text_content, created_at: message.created_at, author: message.author };
        if (isNew && !isOwn(message)) known.unread_message_count++;
        if (thread?.conversation.uuid === chat) {
            thread = { ...thread, messages: merged(thread.messages, [message]) };
            if (!isOwn(message)) isTyping = false;
        }
        see();
        tellUnread();
    };

    const hear = (frame: Frame): void => {
        if (frame.type === 'new_message') {
            add(frame.data);
        } else if (frame.type === 'conversation_update') {
            const known = conversations.find(({ uuid }) => uuid === frame.data.uuid);
            if (!known) return void load();
            Object.assign(known, frame.data);
            if (thread?.conversation.uuid === known.uuid) Object.assign(thread.conversation, frame.data);
        } else if (frame.type === 'typing' && frame.data.conversation_uuid === place) {
            isTyping = frame.data.is_typing;
            clearTimeout(typingShown);
            typingShown = setTimeout(() => {
                isTyping = false;
                changed();
            }, TYPING_SHOWN_FOR);
        } else if (frame.type === 'joined') {
            tellVisit();
            void load();
            void box.flush();
        } else if (frame.type === 'error') {
            // It may be the session: then it is over.
            void load();
        }
        changed();
    };

    const link = socket(
        () => ({ type: 'join', token: session.current?.token, data: { inbox_id: inbox } }),
        hear,
        (up) => {
            clearTimeout(lostShown);
            const show = (): void => {
                isLost = !up;
                if (isLost) isTyping = false;
                changed();
            };
            if (up) show();
            else lostShown = setTimeout(show, LOST_SHOWN_AFTER);
        },
    );

    const tellVisit = (): void => {
        if (visit) link.send('page_visit', visit);
    };

    const stopTyping = (): void => {
        clearTimeout(typingTold);
        if (hasTypedAt && place) link.send('typing', { conversation_uuid: place, is_typing: false });
        hasTypedAt = 0;
    };

    const deliver = async (item: Unsent): Promise<void> => {
        const { chat, text, echo, file } = item;
        try {
            if (file) {
                const form = new FormData();
                form.append('conversation_uuid', chat);
                form.append('files', file);
                add(await call<Message>('widget/media/upload', form));
            } else if (chat) {
                add(await call<Message>(`${CHAT}conversations/${chat}/message`, { message: text, echo_id: echo }));
            } else {
                const form_data = session.current ? {} : (local.read<object>('answers') ?? {});
                const started = await call<Started>(`${CHAT}conversations/init`, {
                    message: text,
                    echo_id: echo,
                    form_data,
                });
                if (started.session_token) session.set({ token: started.session_token, isVisitor: true });
                local.write('answers', null);
                const { uuid } = started.conversation;
                if (place === NEW) {
                    const unfinished = local.read<string>('draft:');
                    if (unfinished) local.write(`draft:${uuid}`, unfinished);
                    local.write('draft:', null);
                    place = uuid;
                }
                take(started);
                box.redirect(NEW, uuid);
                link.open();
            }
        } catch (error) {
            if (error instanceof Refused && error.status === 401) {
                forget();
                box.redirect(chat, NEW);
            }
            throw error;
        }
    };

    const stored = local.read<Unsent[]>('unsent') ?? [];
    const unsure = { message: '', isUnsure: true };
    const box = outbox(
        session.current ? stored : stored.map((item) => ({ ...item, chat: NEW, failure: unsure })),
        ({ file, chat }) => !!file || (!chat && !session.current),
        deliver,
        (items) => {
            local.write('unsent', items.some(({ file }) => !file) ? items.filter(({ file }) => !file) : null);
            changed();
        },
    );

    const resume = (): void => {
        if (session.current) {
            link.open();
            void load();
        }
        void box.flush();
        changed();
    };
    addEventListener('online', resume);
    addEventListener('offline', changed);
    document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'visible') resume();
    });

    return {
        settings,
        resume,
        get conversations() {
            return conversations;
        },
        get place() {
            return place;
        },
        /** The open conversation, once it is loaded. */
        get thread() {
            return thread?.conversation.uuid === place ? thread : null;
        },
        get unsent() {
            return box.items.filter(({ chat }) => chat === place);
        },
        /** Whether the page around can close it. */
        isFramed: host.isThere,
        isDirect,
        get isOpen() {
            return isOpen;
        },
        get isLost() {
            return isLost;
        },
        get isTyping() {
            return isTyping;
        },
        get takenBack() {
            return takenBack;
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
        get audience() {
            return audience();
        },
        get mayStart() {
            return mayStart();
        },
        /** Finds what was there on the last visit. */
        async begin() {
            await load();
            const unfinished = box.items[0]?.chat ?? conversations.find((some) => !isOver(some))?.uuid;
            if (isDirect && (unfinished || mayStart())) place = unfinished ?? NEW;
            resume();
        },
        go(to: string | null) {
            stopTyping();
            place = to;
            isTyping = false;
            changed();
            if (to) void load();
        },
        shown(open: boolean) {
            isOpen = open;
            if (!open) stopTyping();
            const unread = conversations.find((some) => some.unread_message_count > 0);
            if (open && place === null && unread) this.go(unread.uuid);
            see();
            changed();
        },
        visited(url: string, title: string) {
            if (visit?.url === url) return;
            visit = { url, title };
            tellVisit();
        },
        async identify(jwt: string | null) {
            const was = session.current;
            if (!jwt) {
                forget();
                local.clear();
                stores.tab.clear();
                box.clear();
                return;
            }
            const externalId = externalIdOf(jwt);
            if (was?.externalId && was.externalId === externalId) return;
            const headers: Record<string, string> = was?.isVisitor ? { 'X-Libredesk-Visitor-Token': was.token } : {};
            const { session_token: token } = await call<Exchanged>(`${CHAT}auth/exchange`, { jwt }, headers);
            if (was && !was.isVisitor) forget();
            link.close();
            session.set({ token, isVisitor: false, externalId });
            resume();
        },
        draft: () => local.read<string>(`draft:${place}`) ?? '',
        write(text: string) {
            local.write(`draft:${place}`, text);
            if (!place || !text) return stopTyping();
            const now = Date.now();
            clearTimeout(typingTold);
            typingTold = setTimeout(stopTyping, TYPING_ENDS_AFTER);
            if (now - hasTypedAt < TYPING_TOLD_EVERY) return;
            hasTypedAt = now;
            link.send('typing', { conversation_uuid: place, is_typing: true });
        },
        answers: () => local.read<Record<string, string | boolean>>('answers') ?? {},
        answer(answers: Record<string, unknown>) {
            local.write('answers', answers);
        },
        send(text: string) {
            stopTyping();
            local.write(`draft:${place}`, null);
            box.add({ echo: newEcho(), chat: place ?? NEW, text });
        },
        sendFiles(files: Iterable<File>) {
            const chat = place;
            if (chat) box.add(...[...files].map((file) => ({ echo: newEcho(), chat, text: file.name, file })));
        },
        retry: box.retry,
        /** Back into the draft, or away for a file. */
        takeBack({ echo, text, file }: Unsent) {
            box.remove(echo);
            if (file) return;
            local.write(`draft:${place}`, [this.draft(), text].filter(Boolean).join('\n'));
            takenBack++;
            changed();
        },
        async rate(message: Message, rating: number, feedback: string) {
            await call(`csat/${message.meta.csat_uuid}/response`, { rating, feedback });
            const meta = { ...message.meta, csat_submitted: true, submitted_rating: rating };
            if (thread) thread = { ...thread, messages: merged(thread.messages, [{ ...message, meta }]) };
            changed();
        },
        close: () => host.tell({ muster: 'close' }),
    };
}
