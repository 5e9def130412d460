import { Avatar, nameOf } from './Avatar';
import type { Chat } from './chat';
import { Icon } from './Icon';
import { isOwn } from './messages';
import { parts } from './parts';
import { say } from './texts';
import { When } from './When';
import type { Message } from './wire';

/** The desk may be known here by another name than its own. */
const here = (url: string): string => url.replace(/^https?:\/\/[^/]+(?=\/uploads\/)/, '');

/** `isNext`: the one before is of the same author. */
export function MessageView({ chat, message, isNext }: { chat: Chat; message: Message; isNext: boolean }) {
    const { author, content, attachments, meta } = message;
    const own = isOwn(message);
    const extra = meta.is_csat ? parts(chat) : undefined;
    return (
        <div class={`message ${own ? 'own' : ''} ${isNext ? 'next' : ''}`}>
            {!own && <Avatar of={author} />}
            <div>
                <p class="by">
                    <span class={own ? 'unseen' : ''}>{own ? say('you') : nameOf(author)}</span>{' '}
                    <When at={message.created_at} />
                </p>
                {content && <div class="bubble" dir="auto" dangerouslySetInnerHTML={{ __html: content }} />}
                {attachments.map(({ uuid, url, name, thumbnail_url: thumbnail }) => (
                    <a key={uuid} class={thumbnail ? '' : 'bubble'} href={here(url)}>
                        {thumbnail ? <img src={here(thumbnail)} alt={name} /> : [<Icon name="attach" />, ' ', name]}
                    </a>
                ))}
                {extra && <extra.Rating chat={chat} message={message} />}
            </div>
        </div>
    );
}
