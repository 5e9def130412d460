/** What the frame tells the page that shows it. */
export type ToPage =
    | { muster: 'ready'; launcher: LauncherLook }
    | { muster: 'unread'; count: number; label: string }
    | { muster: 'close' }
    | { muster: 'keep'; token: string | null };

/** What the page tells the frame. */
export type ToFrame =
    | { muster: 'shown'; open: boolean }
    | { muster: 'identify'; jwt: string | null }
    | { muster: 'visit'; url: string; title: string };

export interface LauncherLook {
    color: string;
    position: 'left' | 'right';
    side: number;
    bottom: number;
    logo: string;
}
