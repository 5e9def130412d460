import { Buffer } from 'node:buffer';
import type { Locator } from '@playwright/test';

/** A file as a browser is given one. */
export interface Given {
    name: string;
    mimeType: string;
    buffer: Buffer;
}

/** A picture of one pixel. */
export const PICTURE: Given = {
    name: 'lamp.png',
    mimeType: 'image/png',
    buffer: Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
    ),
};

export const text = (name: string, content: string): Given => ({
    name,
    mimeType: 'text/plain',
    buffer: Buffer.from(content),
});

/** Pastes a file, as a browser does that has one in its clipboard. */
export function paste(into: Locator, { name, mimeType, buffer }: Given): Promise<void> {
    const given = { name, mimeType, bytes: [...buffer] };
    return into.evaluate((element, { name, mimeType, bytes }) => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([new Uint8Array(bytes)], name, { type: mimeType }));
        element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, given);
}

/** What whoever follows the link gets. */
export async function behind(link: Locator): Promise<Buffer> {
    const address = await link.evaluate((element) => (element as HTMLAnchorElement).href);
    const answer = await link.page().request.get(address);
    return answer.body();
}
