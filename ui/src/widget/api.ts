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
        return this.status === 0 || this.status === 429 || this.status >= 500;
    }

    /** Whether it may have been done nevertheless. */
    get isUnsure(): boolean {
        return this.status === 0 || (this.status >= 500 && this.status !== 503);
    }
}

export type Call = <T>(path: string, body?: object | FormData, headers?: Record<string, string>) => Promise<T>;

/** Calls the desk for an inbox: a `body` is posted. */
export function api(inbox: string, token: () => string | undefined): Call {
    return async <T>(path: string, body?: object | FormData, more: Record<string, string> = {}): Promise<T> => {
        const bearer = token();
        const isForm = body instanceof FormData;
        const response = await fetch(`/api/v1/${path}`, {
            method: body ? 'POST' : 'GET',
            headers: {
                'X-Libredesk-Inbox-ID': inbox,
                ...(bearer && { Authorization: `Bearer ${bearer}` }),
                ...(!isForm && { 'Content-Type': 'application/json' }),
                ...more,
            },
            body: isForm ? body : body ? JSON.stringify(body) : null,
            credentials: 'omit',
        }).catch(() => {
            throw new Refused(0, '');
        });
        const answer = await response.json().catch(() => ({}));
        if (response.ok) return answer.data;
        throw new Refused(response.status, answer.message ?? '', Number(response.headers.get('Retry-After')));
    };
}
