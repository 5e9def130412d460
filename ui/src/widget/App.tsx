import { Component } from 'preact';
import type { Chat } from './chat';
import { ConversationView } from './Conversation';
import { Home } from './Home';

interface Props {
    chat: Chat;
    place: string | null;
    isOpen: boolean;
}

export class App extends Component<Props> {
    /** The focus goes in when the widget opens, and on where what had it went away. */
    override componentDidUpdate(was: Props): void {
        const { isOpen } = this.props;
        if (isOpen && (!was.isOpen || document.activeElement === document.body)) {
            const byTouch = matchMedia('(pointer: coarse)').matches;
            document.querySelector<HTMLElement>(byTouch ? 'h1' : '[data-first]')?.focus();
        }
    }

    override render({ chat, place }: Props) {
        return (
            <main onKeyDown={({ key }) => key === 'Escape' && chat.close()}>
                {place === null ? <Home chat={chat} /> : <ConversationView chat={chat} />}
            </main>
        );
    }
}
