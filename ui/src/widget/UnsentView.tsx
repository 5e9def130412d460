import type { Chat } from './chat';
import type { Unsent } from './outbox';
import { say } from './texts';

export function UnsentView({ chat, item }: { chat: Chat; item: Unsent }) {
    const { text, file, failure } = item;
    return (
        <div class={`message own ${failure ? 'failed' : ''}`}>
            <div>
                <div class="bubble" dir="auto">
                    {text}
                </div>
                {failure ? (
                    <p class="by">
                        {say('failed')} {failure.isUnsure ? say('unsure') : failure.message}
                        <br />
                        <button type="button" onClick={() => chat.retry(item)}>
                            {say('retry')}
                        </button>{' '}
                        <button
                            type="button"
                            onClick={() => {
                                chat.takeBack(item);
                                document.querySelector<HTMLElement>('[data-first]')?.focus();
                            }}
                        >
                            {say(file ? 'remove' : 'edit')}
                        </button>
                    </p>
                ) : (
                    <p class="by">{say('sending')}</p>
                )}
            </div>
        </div>
    );
}
