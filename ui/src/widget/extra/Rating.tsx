import type { Chat } from '../chat';
import { say as sayAlways } from '../texts';
import type { Message } from '../wire';
import { say } from './texts';

export function Rating({ chat, message }: { chat: Chat; message: Message }) {
    const { csat_submitted: isDone, submitted_rating: rating } = message.meta;
    if (isDone) return <p>{say('rated', { rating: Number(rating) })}</p>;

    const send = async (event: SubmitEvent): Promise<void> => {
        event.preventDefault();
        const button = event.submitter!;
        if (button.ariaDisabled) return;
        button.ariaDisabled = 'true';
        const given = new FormData(event.currentTarget as HTMLFormElement);
        try {
            await chat.rate(message, Number(given.get('rating')), String(given.get('feedback')).trim());
        } catch (error) {
            button.nextSibling!.textContent = (error as Error).message || sayAlways('failed');
            button.ariaDisabled = null;
        }
    };

    return (
        <form class="rating" onSubmit={send}>
            <fieldset>
                <legend>{say('rate')}</legend>
                {[1, 2, 3, 4, 5].map((count) => (
                    <label key={count}>
                        <input type="radio" name="rating" value={count} required class="unseen" />
                        <span aria-hidden="true">★</span>
                        <span class="unseen">{say('stars', { count })}</span>
                    </label>
                ))}
            </fieldset>
            <label>
                {say('rateComment')}
                <textarea name="feedback" rows={2} maxLength={1000} dir="auto" />
            </label>
            <button class="main" type="submit">
                {say('rateSend')}
            </button>
            <p role="alert" />
        </form>
    );
}
