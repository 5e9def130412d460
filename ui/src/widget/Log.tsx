import { Component, createRef } from 'preact';
import type { Chat } from './chat';
import { isOwn } from './messages';
import { MessageView } from './MessageView';
import { say } from './texts';
import { UnsentView } from './UnsentView';

const NEAR = 80;

/** Stays at its end unless the visitor has scrolled up. */
export class Log extends Component<{ chat: Chat; closed: string }> {
    private readonly box = createRef<HTMLDivElement>();
    private isAtEnd = true;
    private place: string | null = null;
    private unsent = 0;

    override componentDidMount(): void {
        this.settle();
    }

    override componentDidUpdate(): void {
        this.settle();
    }

    private readonly settle = (): void => {
        const box = this.box.current;
        const { place, unsent } = this.props.chat;
        if (place !== this.place || unsent.length > this.unsent) this.isAtEnd = true;
        this.place = place;
        this.unsent = unsent.length;
        if (box && this.isAtEnd) box.scrollTop = box.scrollHeight;
    };

    override render({ chat, closed }: { chat: Chat; closed: string }) {
        const { settings, thread, unsent, place } = chat;
        const messages = thread?.messages ?? [];
        return (
            <div
                ref={this.box}
                class="log"
                role="log"
                aria-label={say('log')}
                tabIndex={0}
                onLoadCapture={this.settle}
                onScroll={({ currentTarget: box }) => {
                    this.isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
                }}
            >
                {place && !thread && <p class="note">{say('loading')}</p>}
                {settings.chat_introduction && (
                    <p class="note" dir="auto">
                        {settings.chat_introduction}
                    </p>
                )}
                {closed && <p class="note">{closed}</p>}
                {messages.map((message, at) => {
                    const before = messages[at - 1];
                    const isNext = before && before.author.id === message.author.id && isOwn(before) === isOwn(message);
                    return <MessageView key={message.uuid} chat={chat} message={message} isNext={!!isNext} />;
                })}
                {unsent.map((item) => (
                    <UnsentView key={item.echo} chat={chat} item={item} />
                ))}
            </div>
        );
    }
}
