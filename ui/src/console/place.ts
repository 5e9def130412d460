import { match } from './match';
import type { Source } from './state/sources';

/** A list of the inbox, and the conversation of it that is open. */
export interface Place {
    source: Source;
    uuid: string | null;
}

const KINDS = ['assigned', 'unassigned', 'mentioned', 'all'] as const;

function source(kind: string, id: string): Source | null {
    if (kind === 'inboxes') {
        const known = KINDS.find((word) => word === id);
        return known ? { kind: known } : null;
    }
    const number = Number(id);
    if (!Number.isSafeInteger(number) || number <= 0) return null;
    return kind === 'teams' ? { kind: 'team', id: number } : { kind: 'view', id: number };
}

const PATTERNS = [
    ['inboxes', '/inboxes/:id'],
    ['inboxes', '/inboxes/:id/conversation/:uuid'],
    ['teams', '/teams/:id/inbox'],
    ['teams', '/teams/:id/inbox/conversation/:uuid'],
    ['views', '/views/:id'],
    ['views', '/views/:id/conversation/:uuid'],
] as const;

export function place(path: string): Place | null {
    for (const [kind, pattern] of PATTERNS) {
        const parts = match(pattern, path);
        const found = parts && source(kind, parts.id ?? '');
        if (found) return { source: found, uuid: parts?.uuid ?? null };
    }
    return null;
}
