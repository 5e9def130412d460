import { Component } from 'preact';
import type { Chat } from './chat';
import { say } from './texts';
import type { Message } from './wire';

interface Props {
    chat: Chat;
    message: Message;
}

export class Rating extends Component<Props, { error: string }> {
    override state = { error: '' };

    private readonly send = async (event: SubmitEvent): Promise<void> => {
        event.preventDefault();
        const { chat, message } = this.props;
        const given = new FormData(event.currentTarget as HTMLFormElement);
        try {
            await chat.rate(message, Number(given.get('rating')), String(given.get('feedback')).trim());
        } catch (error) {
            this.setState({ error: (error as Error).message || say('lost') });
        }
    };

    override render({ message }: Props, { error }: { error: string }) {
        const { csat_submitted: isDone, submitted_rating: rating, csat_uuid: uuid } = message.meta;
        if (isDone) return <p class="note">{say('rated', { rating: Number(rating) })}</p>;
        return (
            <form class="rating" onSubmit={this.send}>
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
                    <textarea name="feedback" rows={2} maxLength={1000} dir="auto" id={`feedback-${String(uuid)}`} />
                </label>
                <button class="main" type="submit">
                    {say('rateSend')}
                </button>
                <p role="alert">{error}</p>
            </form>
        );
    }
}
