import type { Chat } from '../chat';
import { Icon } from '../Icon';
import type { Message } from '../wire';
import { Rating } from './Rating';

/** The desk may be known here by another name than its own. */
const here = (url: string): string => url.replace(/.*(?=\/uploads\/)/, '');

/** What few messages have beside their text. */
export function More({ chat, message }: { chat: Chat; message: Message }) {
    const { attachments, meta } = message;
    return (
        <>
            {attachments.map(({ uuid, url, name, thumbnail_url: thumbnail }) => (
                <a key={uuid} class={thumbnail ? '' : 'bubble'} href={here(url)}>
                    {thumbnail ? <img src={here(thumbnail)} alt={name} /> : [<Icon name="attach" />, ' ', name]}
                </a>
            ))}
            {meta.is_csat && <Rating chat={chat} message={message} />}
        </>
    );
}
