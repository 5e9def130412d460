import type { Schemas } from '../../api/client';
import { t } from '../text';
import { conversationList } from './conversationList.svelte';
import { counts } from './counts.svelte';
import { desk, personName } from './desk.svelte';
import { drafts } from './drafts.svelte';
import { notices } from './notifications.svelte';
import { opened } from './opened.svelte';
import { outbox } from './outbox.svelte';
import { presence } from './presence.svelte';
import { session } from './session.svelte';
import { socket, type Frame } from './socket.svelte';
import type { Item } from './sources';
import type { Viewer } from './thread.svelte';

interface NewMessage {
    conversation_uuid: string;
    uuid: string;
    type: Schemas['MessageType'];
    preview: string;
    sender_type: Schemas['SenderType'];
    conversation: Item;
    echo_id?: string;
}

type Hearers = Record<string, (data: never) => void>;

function moved() {
    conversationList.refreshSoon();
    counts.refreshSoon();
}

function everythingAnew() {
    void conversationList.reload();
    void counts.refresh();
    void loadNotices();
    void opened.thread?.loadAnew();
    session.refreshSoon();
}

/** Whoever has a conversation on the screen has taken note of what is told about it. */
function readWhatIsShown() {
    if (opened.thread && document.visibilityState === 'visible') notices.readAbout(opened.thread.uuid);
}

async function loadNotices() {
    await notices.load();
    readWhatIsShown();
}

function newMessage(message: NewMessage) {
    if (message.echo_id) void outbox.settle(message.echo_id);
    const thread = opened.thread;
    const onScreen = thread?.uuid === message.conversation_uuid;
    conversationList.changed(message.conversation_uuid, message.conversation);
    if (onScreen) {
        void thread.heardMessage(message.uuid).then(() => thread.seen());
        thread.refreshSoon();
    }
    moved();
    const mine = message.conversation.assigned_user_id === session.me?.id;
    if (message.type === 'incoming' && mine && !(onScreen && document.hasFocus())) {
        const from = personName(message.conversation.contact) || t('person.visitor');
        notices.ring(from, message.preview, message.conversation_uuid);
    }
}

const hearers: Hearers = {
    ready: () => {
        moved();
        void opened.thread?.load();
    },
    regained: () => {
        drafts.saveAll();
        moved();
    },
    reload: () => everythingAnew(),
    new_message: newMessage,
    new_conversation: (item: Item) => {
        conversationList.changed(item.uuid, item);
        const { thread } = opened;
        if (thread?.uuid === item.uuid) {
            if (thread.phase === 'gone') void thread.load();
            else thread.refreshSoon();
        }
        moved();
        session.refreshSoon();
    },
    conversation_gone: ({ uuid }: { uuid: string }) => {
        if (opened.thread?.uuid === uuid) opened.thread.phase = 'gone';
        moved();
    },
    conversation_update: ({ uuid, ...change }: { uuid: string } & Partial<Item>) => {
        conversationList.changed(uuid, change);
        if (opened.thread?.uuid === uuid) opened.thread.refreshSoon();
        moved();
        if ('assigned_user_id' in change || 'status' in change) session.refreshSoon();
    },
    message_update: ({ conversation_uuid, uuid }: { conversation_uuid: string; uuid: string }) => {
        if (opened.thread?.uuid === conversation_uuid) void opened.thread.heardMessage(uuid);
    },
    contact_update: ({ contact_id, merged_contact_id: guest }: { contact_id: number; merged_contact_id?: number }) => {
        const shown = opened.thread?.conversation?.contact_id;
        if (shown === contact_id || shown === guest) opened.thread?.refreshSoon();
        if (guest !== undefined) moved();
    },
    conversation_viewers: ({ uuid, agents }: { uuid: string; agents: Viewer[] }) => {
        if (opened.thread?.uuid === uuid) opened.thread.viewers = agents;
    },
    typing: ({ conversation_uuid, is_typing }: { conversation_uuid: string; is_typing: boolean }) => {
        if (opened.thread?.uuid === conversation_uuid) opened.thread.heardTyping(is_typing);
    },
    new_notification: (notice: Schemas['Notification']) => {
        notices.heard(notice);
        readWhatIsShown();
    },
    agent_availability_update: (told: { agent_id: number; availability_status: Schemas['AvailabilityStatus'] }) => {
        desk.heardAvailability(told.agent_id, told.availability_status);
        if (told.agent_id === session.me?.id) presence.heard(told.availability_status);
    },
};

function heard({ type, data }: Frame) {
    hearers[type]?.(data as never);
}

/** Starts everything that a signed-in agent's screens live on; returns what ends it. */
export function live(): () => void {
    outbox.start();
    outbox.onSent((message, letter) => {
        if (opened.thread?.uuid === letter.uuid) opened.thread.add(message);
        moved();
    });
    void desk.load();
    void counts.refresh();
    drafts.start();
    void loadNotices();
    const unhear = socket.hear(heard);
    socket.open();
    presence.watch();
    const left = () => {
        outbox.sendAll(true);
        drafts.leave();
    };
    const cameBack = ({ persisted }: PageTransitionEvent) => persisted && outbox.sendAll();
    const seen = () => {
        opened.thread?.seen();
        readWhatIsShown();
    };
    addEventListener('pagehide', left);
    addEventListener('pageshow', cameBack);
    document.addEventListener('visibilitychange', seen);
    return () => {
        removeEventListener('pagehide', left);
        removeEventListener('pageshow', cameBack);
        document.removeEventListener('visibilitychange', seen);
        presence.unwatch();
        socket.close();
        unhear();
    };
}
