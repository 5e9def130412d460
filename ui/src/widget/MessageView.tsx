import { Avatar, nameOf } from './Avatar';
import type { Chat } from './chat';
import { isOwn } from './messages';
import { parts } from './parts';
import { say } from './texts';
import { When } from './When';
import type { Message } from './wire';

/** `isNext`: the one before is of the same author. */
export function MessageView({ chat, message, isNext }: { chat: Chat; message: Message; isNext: boolean }) {
    const { author, content, attachments, meta } = message;
    const own = isOwn(message);
    const extra = (meta.is_csat || attachments[0]) && parts(chat);
    return (
        <div class={`message ${own ? 'own' : ''} ${isNext ? 'next' : ''}`}>
            {!own && <Avatar of={author} />}
            <div>
                <p class="by">
                    <span class={own ? 'unseen' : ''}>{own ? say('you') : nameOf(author)}</span>{' '}
                    <When at={message.created_at} />
                </p>
                {content && <div class="bubble" dir="auto" dangerouslySetInnerHTML={{ __html: content }} />}
                {extra && <extra.More chat={chat} message={message} />}
            </div>
        </div>
    );
}
