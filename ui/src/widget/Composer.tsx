import type { Chat } from './chat';
import { byTouch } from './device';
import { IconButton } from './Icon';
import { say } from './texts';

const LONGEST = 10_000;

const field = () => document.querySelector<HTMLTextAreaElement>('.composer textarea')!;

/** Shows the draft, as high as it is within what the styles allow. */
function fit(chat: Chat): void {
    const area = field();
    const draft = chat.draft();
    if (area.value !== draft) area.value = draft;
    area.style.height = '';
    area.style.height = `${area.scrollHeight}px`;
}

function send(chat: Chat, event: Event): void {
    event.preventDefault();
    const area = field();
    const text = area.value.trim();
    if (!text) return;
    const count = [...text].length - LONGEST;
    area.setCustomValidity(count > 0 ? say('tooLong', { count }) : '');
    for (const form of document.querySelectorAll<HTMLFormElement>('#ask, .composer'))
        if (!form.reportValidity()) return;
    chat.send(text);
    area.focus();
    document.querySelector('.log')?.scrollTo(0, 0);
}

export function Composer({ chat }: { chat: Chat }) {
    const { takesFiles } = chat;
    return (
        <form class="composer" onSubmit={(event) => send(chat, event)} ref={(form) => void (form && fit(chat))}>
            {takesFiles && (
                <>
                    <input
                        id="files"
                        type="file"
                        multiple
                        hidden
                        onChange={({ currentTarget: picker }) => {
                            chat.sendFiles(picker.files);
                            picker.value = '';
                        }}
                    />
                    <IconButton
                        name="attach"
                        label={say('attach')}
                        onClick={() => document.querySelector<HTMLElement>('#files')?.click()}
                    />
                </>
            )}
            <textarea
                rows={1}
                dir="auto"
                data-first
                aria-label={say('message')}
                placeholder={say('message')}
                onInput={({ currentTarget: area }) => {
                    area.setCustomValidity('');
                    chat.write(area.value);
                    fit(chat);
                }}
                onKeyDown={(event) => {
                    const isSending = event.key === 'Enter' && !event.shiftKey && !event.isComposing;
                    if (isSending && !byTouch()) send(chat, event);
                }}
                onPaste={(event) => {
                    if (takesFiles && chat.sendFiles(event.clipboardData?.files)) event.preventDefault();
                }}
            />
            <IconButton name="send" label={say('send')} />
        </form>
    );
}
