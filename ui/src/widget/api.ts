import type { Sessions } from './session';

/** Why the desk did not do something. */
export class Refused extends Error {
    /** `status` 0: there was no answer. */
    constructor(
        readonly status: number,
        message: string,
        readonly retryAfter = 0,
    ) {
        super(message);
    }

    /** Whether the same request may be granted later. */
    get isPassing(): boolean {
        return !this.status || this.status === 429 || this.status >= 500;
    }

    /** Whether it may have been done nevertheless. */
    get isUnsure(): boolean {
        return !this.status || (this.status >= 500 && this.status !== 503);
    }
}

export type Call = <T>(path: string, body?: object | FormData, headers?: Record<string, string> | null) => Promise<T>;

/** Calls the desk for an inbox: a `body` is posted. What was asked in an earlier turn gets no answer any more. */
export function api(inbox: string, session: Pick<Sessions, 'current' | 'turn'>): Call {
    return async <T>(path: string, body?: object | FormData, more?: Record<string, string> | null): Promise<T> => {
        const { current, turn } = session;
        const isForm = body instanceof FormData;
        const response = await fetch(`/api/v1/${path}`, {
            method: body ? 'POST' : 'GET',
            headers: {
                'X-Libredesk-Inbox-ID': inbox,
                ...(current && { Authorization: `Bearer ${current.token}` }),
                ...(!isForm && { 'Content-Type': 'application/json' }),
                ...more,
            },
            body: isForm ? body : body ? JSON.stringify(body) : null,
            credentials: 'omit',
        }).catch(() => {
            throw new Refused(0, '');
        });
        const answer = await response.json().catch(() => ({}));
        if (session.turn !== turn) throw new Refused(0, '');
        if (response.ok) return answer.data;
        throw new Refused(response.status, answer.message ?? '', Number(response.headers.get('Retry-After')));
    };
}
