type Json = Record<string, unknown>;

/** Somebody who speaks to the desk from a script. */
export class Api {
    readonly #headers: Record<string, string>;

    constructor(
        readonly address: string,
        key: readonly [string, string] | null = null,
        headers: Record<string, string> = {},
    ) {
        const basic = key && `Basic ${Buffer.from(key.join(':')).toString('base64')}`;
        this.#headers = { ...headers, ...(basic ? { Authorization: basic } : {}) };
    }

    get<Data>(path: string): Promise<Data> {
        return this.#send<Data>('GET', path);
    }

    post<Data>(path: string, body: Json = {}): Promise<Data> {
        return this.#send<Data>('POST', path, body);
    }

    put<Data>(path: string, body: Json = {}): Promise<Data> {
        return this.#send<Data>('PUT', path, body);
    }

    delete<Data>(path: string): Promise<Data> {
        return this.#send<Data>('DELETE', path);
    }

    async #send<Data>(method: string, path: string, body?: Json): Promise<Data> {
        const answer = await fetch(`${this.address}/api/v1/${path}`, {
            method,
            headers: { ...this.#headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
            body: body ? JSON.stringify(body) : null,
        });
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
        return ((await answer.json()) as { data: Data }).data;
    }
}

/** A visitor's chat, begun from a script; answers with its address in the API. */
export async function begin(address: string, inbox: string, message: string): Promise<string> {
    const visitor = new Api(address, null, { 'X-Libredesk-Inbox-ID': inbox });
    const begun = await visitor.post<{ conversation: { uuid: string } }>('widget/chat/conversations/init', { message });
    return begun.conversation.uuid;
}

export async function idOf(api: Api, { email }: { email: string }): Promise<number> {
    const agents = await api.get<{ id: number; email: string }[]>('agents');
    const found = agents.find((agent) => agent.email === email);
    if (!found) throw new Error(`nobody of ${email}`);
    return found.id;
}
