import { api, take, type Schemas } from '../../../api/client';
import { desk } from '../../state/desk.svelte';

type Inbox = Schemas['Inbox'];
/** Any part of an object, however deep; lists are whole. */
type Part<What> = What extends readonly unknown[]
    ? What
    : What extends object
      ? { [K in keyof What]?: Part<What[K]> }
      : What;
type Config = Part<Schemas['ChatConfig']>;
export type InboxChange = Omit<Schemas['InboxRequest'], 'config'> & { config?: Config };

/** The one line that brings an inbox's chat onto a page. */
export const pasteLine = (uuid: string): string =>
    `<script src="${location.origin}/widget.js" data-inbox="${uuid}" async></${'script'}>`;

export const widgetPath = (uuid: string): string => `/widget?inbox_id=${uuid}`;

/** A made-up shop's page with the chat on it. */
export const shopPath = (uuid: string): string => `/demo?inbox_id=${uuid}`;

function put(inbox: Inbox): Inbox {
    const others = desk.inboxes.filter(({ id }) => id !== inbox.id);
    desk.inboxes = [...others, inbox].sort((one, other) => one.id - other.id);
    return inbox;
}

/** The configuration is laid over the present one, so a part of it will do. */
const request = (change: InboxChange) => change as Schemas['InboxRequest'];

export async function createInbox(name: string, config: Config = {}): Promise<Inbox> {
    const body = request({ name, channel: 'livechat', csat_enabled: true, config });
    return put(await take(api.POST('/api/v1/inboxes', { body })));
}

const path = (id: number) => ({ params: { path: { id: String(id) } } });

export async function loadInbox(id: number): Promise<Inbox> {
    return put(await take(api.GET('/api/v1/inboxes/{id}', path(id))));
}

export async function changeInbox(id: number, change: InboxChange): Promise<Inbox> {
    return put(await take(api.PUT('/api/v1/inboxes/{id}', { ...path(id), body: request(change) })));
}

export async function deleteInbox(id: number): Promise<void> {
    await take(api.DELETE('/api/v1/inboxes/{id}', path(id)));
    desk.inboxes = desk.inboxes.filter((inbox) => inbox.id !== id);
}
