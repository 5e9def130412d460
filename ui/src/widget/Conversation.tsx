import { Avatar, nameOf } from './Avatar';
import { isOver, type Chat } from './chat';
import { Composer } from './Composer';
import { Header } from './Header';
import { IconButton } from './Icon';
import { Log } from './Log';
import { parts } from './parts';
import { say } from './texts';

export function ConversationView({ chat }: { chat: Chat }) {
    const { settings, current } = chat;
    const assignee = current?.assignee;
    const isWaiting = current && !assignee && !isOver(current);
    const isForbidden = current && isOver(current) && chat.audience().prevent_reply_to_closed_conversation;
    const hasHome = !chat.isDirect || chat.conversations.some(({ uuid }) => uuid !== chat.place);
    const extra = settings.business_hours || chat.isAsking || isWaiting ? parts(chat) : undefined;
    const subtitle = assignee
        ? say(assignee.availability_status === 'online' ? 'online' : 'away')
        : isWaiting
          ? extra && <extra.Waiting chat={chat} />
          : settings.chat_reply_expectation_message;
    return (
        <>
            <Header chat={chat}>
                {hasHome && <IconButton name="back" label={say('chats')} onClick={() => chat.go(null)} />}
                {assignee && <Avatar of={assignee} />}
                <div>
                    <h1 tabIndex={-1} dir="auto">
                        {assignee ? nameOf(assignee) : settings.brand_name || say('chat')}
                    </h1>
                    <p dir="auto">{subtitle}</p>
                </div>
            </Header>
            <Log key={chat.place} chat={chat} closed={extra?.hoursText(settings, current)} />
            {chat.isAsking && extra && <extra.Form chat={chat} />}
            <Status chat={chat} />
            {isForbidden ? <p class="status">{say('ended')}</p> : (extra || !chat.isAsking) && <Composer chat={chat} />}
        </>
    );
}

function Status({ chat }: { chat: Chat }) {
    const name = chat.current?.assignee?.first_name || chat.settings.brand_name;
    const text = !navigator.onLine || chat.isLost ? say('lost') : chat.isTyping && say('typing', { name });
    return (
        <p class="status" role="status">
            {text}
        </p>
    );
}
