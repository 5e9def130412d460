import { Avatar, nameOf } from './Avatar';
import { isOver, type Chat } from './chat';
import { Composer } from './Composer';
import { Form } from './Form';
import { Header } from './Header';
import { hoursText } from './hoursText';
import { IconButton } from './Icon';
import { Log } from './Log';
import { say } from './texts';

export function ConversationView({ chat }: { chat: Chat }) {
    const { settings, thread } = chat;
    const assignee = thread?.conversation.assignee;
    const isWaiting = thread && !assignee && !isOver(thread.conversation);
    const isForbidden = thread && isOver(thread.conversation) && chat.audience.prevent_reply_to_closed_conversation;
    const hasHome = chat.conversations.length > 1 || !chat.isDirect;
    const subtitle = assignee
        ? say(assignee.availability_status === 'online' ? 'online' : 'away')
        : isWaiting
          ? say('waiting')
          : settings.chat_reply_expectation_message;
    return (
        <>
            <Header chat={chat}>
                {hasHome && <IconButton name="back" label={say('back')} onClick={() => chat.go(null)} />}
                {assignee && <Avatar of={assignee} />}
                <div>
                    <h1 tabIndex={-1} dir="auto">
                        {assignee ? nameOf(assignee) : settings.brand_name || say('chat')}
                    </h1>
                    <p dir="auto">{subtitle}</p>
                </div>
            </Header>
            <Log chat={chat} closed={hoursText(settings, thread)} />
            {chat.isAsking && <Form chat={chat} />}
            <Status chat={chat} />
            {isForbidden ? (
                <p class="status">{say('ended')}</p>
            ) : (
                <Composer chat={chat} place={chat.place} takenBack={chat.takenBack} />
            )}
        </>
    );
}

function Status({ chat }: { chat: Chat }) {
    const name = chat.thread?.conversation.assignee?.first_name;
    const text = !navigator.onLine
        ? say('offline')
        : chat.isLost
          ? say('lost')
          : chat.isTyping
            ? say('typing', { name: name || chat.settings.brand_name })
            : '';
    return (
        <p class="status" role="status">
            {text}
        </p>
    );
}
