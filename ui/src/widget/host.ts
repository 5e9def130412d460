import type { ToFrame, ToPage } from '../loader/protocol';

export interface Host {
    /** Whether the widget stands in a page by its loader; else it has the window for itself. */
    readonly isThere: boolean;
    tell(message: ToPage): void;
}

/**
 * The page around the frame. It says in the address who it is: nothing is told to any other page, and nothing is taken
 * from one.
 */
export function host(origin: string | null, told: (message: ToFrame) => void): Host {
    const isThere = !!origin && parent !== window;
    addEventListener('message', ({ source, origin: from, data }: MessageEvent<ToFrame>) => {
        if (isThere && source === parent && from === origin && data) told(data);
    });
    return {
        isThere,
        tell(message) {
            if (isThere) parent.postMessage(message, origin);
        },
    };
}
