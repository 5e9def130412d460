import type { Chat } from './chat';
import { isSameAuthor } from './messages';
import { MessageView } from './MessageView';
import { say } from './texts';
import { UnsentView } from './UnsentView';

/** By its styles it begins at its end and stays there unless the visitor scrolls up. */
export function Log({ chat, closed }: { chat: Chat; closed: string | undefined }) {
    const { settings, current, unsent, place } = chat;
    const messages = current?.messages;
    return (
        <div class="log" role="log" aria-label={say('log')} tabIndex={0}>
            <div>
                {place && !messages && <p class="note">{say('loading')}</p>}
                <p class="note" dir="auto">
                    {settings.chat_introduction}
                </p>
                <p class="note" dir="auto">
                    {closed}
                </p>
                {messages?.map((message, at) => (
                    <MessageView
                        key={message.uuid}
                        chat={chat}
                        message={message}
                        isNext={isSameAuthor(message, messages[at - 1])}
                    />
                ))}
                {unsent.map((item) => (
                    <UnsentView key={item.echo} chat={chat} item={item} />
                ))}
            </div>
        </div>
    );
}
