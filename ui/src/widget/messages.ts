import type { Message } from './wire';

/** What was known and what is told now, each once and as it was told last, in the order of the conversation. */
export function merged(known: readonly Message[] = [], told: readonly Message[]): Message[] {
    const byUuid = new Map([...known, ...told].map((message) => [message.uuid, message]));
    return [...byUuid.values()].sort((a, b) => a.seq - b.seq);
}

export const isOwn = (message: Message): boolean => message.author.type !== 'agent';

export const isSameAuthor = ({ author }: Message, other?: Message): boolean =>
    author.id === other?.author.id && author.type === other.author.type;
