import type { components } from '../api/schema';

type Schemas = components['schemas'];

export type Settings = Schemas['WidgetSettings'];
export type Hours = Schemas['BusinessHours'];
export type Thread = Schemas['Chat'];
export type Started = Schemas['StartedChat'];
export type Conversation = Schemas['ChatConversation'];
export type Message = Schemas['ChatMessage'];
export type Author = Schemas['ChatAuthor'];
export type Exchanged = Schemas['Exchanged'];
export type Field = Settings['prechat_form']['fields'][number];

/** What the desk tells over the socket, as far as it is looked at. */
export type Frame =
    | { type: 'joined' | 'pong' | 'error' }
    | { type: 'new_message'; data: Message }
    | { type: 'conversation_update'; data: Pick<Conversation, 'uuid'> & Partial<Conversation> }
    | { type: 'typing'; data: { conversation_uuid: string; is_typing: boolean } };
