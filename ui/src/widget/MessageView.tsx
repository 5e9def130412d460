import { Avatar, nameOf } from './Avatar';
import type { Chat } from './chat';
import { Icon } from './Icon';
import { isOwn } from './messages';
import { Rating } from './Rating';
import { say } from './texts';
import { When } from './When';
import type { Message } from './wire';

/** `isNext`: the one before is of the same author. */
export function MessageView({ chat, message, isNext }: { chat: Chat; message: Message; isNext: boolean }) {
    const { author, content, text_content: text, attachments, meta } = message;
    const own = isOwn(message);
    return (
        <div class={`message ${own ? 'own' : ''} ${isNext ? 'next' : ''}`}>
            {!own && <Avatar of={author} />}
            <div>
                <p class="by">
                    <span class={own ? 'unseen' : ''}>{own ? say('you') : nameOf(author)}</span>{' '}
                    <When at={message.created_at} />
                </p>
                {own
                    ? text && (
                          <p class="bubble" dir="auto">
                              {text}
                          </p>
                      )
                    : content && <div class="bubble" dir="auto" dangerouslySetInnerHTML={{ __html: content }} />}
                {attachments.map(({ uuid, url, name, thumbnail_url: thumbnail }) => (
                    <a key={uuid} class={thumbnail ? 'picture' : 'bubble'} href={url}>
                        {thumbnail ? (
                            <img src={thumbnail} alt={name} />
                        ) : (
                            <>
                                <Icon name="file" /> {name}
                            </>
                        )}
                    </a>
                ))}
                {meta.is_csat === true && <Rating chat={chat} message={message} />}
            </div>
        </div>
    );
}
