/** What somebody writes, by conversation. */
export type Drafts = Readonly<Record<string, string>>;

/** What was meant for a conversation (`from`), or for any, is meant for another now. */
export function redirected(drafts: Drafts, to: string, from?: string): Drafts {
    const result: Record<string, string> = {};
    for (const [chat, text] of Object.entries(drafts)) {
        const at = (from ?? chat) === chat ? to : chat;
        result[at] = [result[at], text].filter(Boolean).join('\n');
    }
    return result;
}
