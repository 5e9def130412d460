import { Avatar } from '../Avatar';
import { NEW, type Chat } from '../chat';
import { Header } from '../Header';
import { say as sayAlways } from '../texts';
import { When } from '../When';
import { say } from './texts';

export function Home({ chat }: { chat: Chat }) {
    const { settings, conversations, place } = chat;
    const { notice_banner: notice } = settings;
    return (
        <>
            <Header chat={chat} class="hero">
                <div>
                    {settings.logo_url && <img class="logo" src={settings.logo_url} alt="" />}
                    <p>{settings.brand_name}</p>
                    <h1 tabIndex={-1} dir="auto">
                        {settings.greeting_message || say('greeting')}
                    </h1>
                    <p dir="auto">{settings.introduction_message}</p>
                </div>
            </Header>
            <div class="home">
                {notice.enabled && (
                    <p class="notice" dir="auto">
                        {notice.text}
                    </p>
                )}
                {conversations[0] && (
                    <ul aria-label={sayAlways('chats')}>
                        {conversations.map(({ uuid, assignee, last_message: last, unread_message_count: count }) => (
                            <li key={uuid}>
                                <button class="row" type="button" onClick={() => chat.go(uuid)}>
                                    {assignee && <Avatar of={assignee} />}
                                    <span class="text">
                                        <b dir="auto">{assignee ? assignee.first_name : settings.brand_name}</b>
                                        <When at={last.created_at} />
                                        <span class="preview" dir="auto">
                                            {last.content || say('file')}
                                        </span>
                                    </span>
                                    {count > 0 && (
                                        <span class="count" aria-label={sayAlways('unread', { count })} role="img">
                                            {count}
                                        </span>
                                    )}
                                </button>
                            </li>
                        ))}
                    </ul>
                )}
                {place === undefined && <p class="note">{sayAlways('loading')}</p>}
                {place === null && chat.mayStart() && (
                    <button class="main" type="button" data-first onClick={() => chat.go(NEW)}>
                        {chat.audience().start_conversation_button_text || say('new')}
                    </button>
                )}
            </div>
            {settings.show_powered_by && <small>{say('powered')}</small>}
        </>
    );
}
