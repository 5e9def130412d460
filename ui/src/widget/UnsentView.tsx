import type { Chat } from './chat';
import type { Unsent } from './outbox';
import { say } from './texts';

export function UnsentView({ chat, item }: { chat: Chat; item: Unsent }) {
    const { echo, text, file, failure } = item;
    return (
        <div class={`message own ${failure ? 'failed' : ''}`}>
            <div>
                <p class="bubble" dir="auto">
                    {text}
                </p>
                {failure ? (
                    <p class="by">
                        {say('failed')} {failure.isUnsure ? say('unsure') : failure.message}
                        <br />
                        <button type="button" onClick={() => chat.retry(echo)}>
                            {say('retry')}
                        </button>{' '}
                        <button type="button" onClick={() => chat.takeBack(item)}>
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
