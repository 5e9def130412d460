import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** A request that the desk refused, or that did not reach it (`status` 0). */
export class Refusal extends Error {
    constructor(
        message: string,
        readonly status: number,
        readonly type: string | undefined = undefined,
    ) {
        super(message);
    }

    get unreachable(): boolean {
        return this.status === 0;
    }
}

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });

const hooks = { signedOut: () => {}, unreachable: 'The desk cannot be reached.' };

/** What to do when the session is over, and how to say that the desk does not answer. */
export function onTrouble(given: Partial<typeof hooks>): void {
    Object.assign(hooks, given);
}

function csrfToken(): string {
    const token = document.cookie.match(/(?:^|; )csrf_token=([^;]*)/)?.[1] ?? '';
    try {
        return decodeURIComponent(token);
    } catch {
        return token;
    }
}

const crossSite: Middleware = {
    onRequest({ request }) {
        if (request.method !== 'GET') request.headers.set('X-CSRFTOKEN', csrfToken());
        return request;
    },
};
api.use(crossSite);

interface Answer<Body> {
    data?: Body;
    error?: unknown;
    response: Response;
}

function refusal({ error, response }: Answer<unknown>): Refusal {
    const body: Partial<Schemas['ErrorBody']> = typeof error === 'object' && error !== null ? error : {};
    const silent = response.status >= 502 ? hooks.unreachable : response.statusText;
    return new Refusal(body.message ?? silent, response.status, body.error_type);
}

/** The body of an answer; what is refused or does not arrive is thrown as a `Refusal`. */
export async function body<Body>(call: Promise<Answer<Body>>): Promise<Body> {
    let answer: Answer<Body>;
    try {
        answer = await call;
    } catch {
        throw new Refusal(hooks.unreachable, 0);
    }
    if (answer.response.ok && answer.data !== undefined) return answer.data;
    const refused = refusal(answer);
    if (refused.status === 401 && refused.type !== 'SecondFactorException') hooks.signedOut();
    throw refused;
}

/** What an answer's envelope holds. */
export async function take<Data>(call: Promise<Answer<{ data: Data }>>): Promise<Data> {
    return (await body(call)).data;
}
