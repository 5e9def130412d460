import type { ComponentChildren } from 'preact';
import type { Chat } from './chat';
import { IconButton } from './Icon';
import { say } from './texts';

export function Header({ chat, class: name, children }: { chat: Chat; class?: string; children: ComponentChildren }) {
    return (
        <header class={name}>
            {children}
            {chat.isFramed && <IconButton name="close" label={say('close')} onClick={chat.close} />}
        </header>
    );
}
