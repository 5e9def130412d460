import { api, take, type Schemas } from '../../api/client';

/** Where a list of conversations comes from. */
export type Source =
    | { kind: 'assigned' | 'unassigned' | 'mentioned' | 'all' }
    | { kind: 'team'; id: number }
    | { kind: 'view'; id: number };

export type Item = Schemas['ConversationItem'];
export type ItemPage = Schemas['Envelope_Page_ConversationItem']['data'];

export const orders = {
    newest: { order_by: 'conversations.last_message_at', order: 'desc' },
    oldest: { order_by: 'conversations.last_message_at', order: 'asc' },
    waiting: { order_by: 'conversations.waiting_since', order: 'asc' },
    priority: { order_by: 'conversations.priority_id', order: 'asc' },
    created: { order_by: 'conversations.created_at', order: 'desc' },
} as const;
export type Order = keyof typeof orders;

export interface Query {
    page: number;
    size: number;
    order: Order;
    statuses: readonly number[];
}

function withStatus(ids: readonly number[]): string | undefined {
    if (ids.length === 0) return undefined;
    const value = JSON.stringify(ids.map(String));
    return JSON.stringify([{ model: 'conversations', field: 'status_id', operator: 'in', value }]);
}

export function fetchPage(source: Source, { page, size, order, statuses }: Query): Promise<ItemPage> {
    const filters = withStatus(statuses);
    const sorted = { page, page_size: size, ...orders[order] };
    const query = { ...sorted, ...(filters ? { filters } : {}) };
    switch (source.kind) {
        case 'assigned':
            return take(api.GET('/api/v1/conversations/assigned', { params: { query } }));
        case 'unassigned':
            return take(api.GET('/api/v1/conversations/unassigned', { params: { query } }));
        case 'mentioned':
            return take(api.GET('/api/v1/conversations/mentioned', { params: { query } }));
        case 'all':
            return take(api.GET('/api/v1/conversations/all', { params: { query } }));
        case 'team': {
            const params = { path: { id: source.id }, query };
            return take(api.GET('/api/v1/teams/{id}/conversations/unassigned', { params }));
        }
        case 'view':
            return take(
                api.GET('/api/v1/views/{id}/conversations', {
                    params: { path: { id: String(source.id) }, query: sorted },
                }),
            );
    }
}

/** The address of a list, and of a conversation in it. */
export function listPath(source: Source): string {
    if (source.kind === 'team') return `/teams/${source.id}/inbox`;
    if (source.kind === 'view') return `/views/${source.id}`;
    return `/inboxes/${source.kind}`;
}

export function conversationPath(source: Source, uuid: string): string {
    return `${listPath(source)}/conversation/${uuid}`;
}

export const sourceKey = (source: Source): string => ('id' in source ? `${source.kind}:${source.id}` : source.kind);
