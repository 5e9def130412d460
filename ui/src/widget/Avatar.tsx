import type { Conversation } from './wire';

type Person = NonNullable<Conversation['assignee']>;

export const nameOf = ({ first_name, last_name }: Pick<Person, 'first_name' | 'last_name'>): string =>
    `${first_name} ${last_name}`.trim();

export function Avatar({ of }: { of: Pick<Person, 'first_name' | 'last_name' | 'avatar_url'> }) {
    if (of.avatar_url) return <img class="avatar" src={of.avatar_url} alt="" />;
    return (
        <span class="avatar" aria-hidden="true">
            {[of.first_name, of.last_name].map((name) => [...name][0] ?? '')}
        </span>
    );
}
