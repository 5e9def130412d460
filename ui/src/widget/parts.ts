import type { Chat } from './chat';

type Extra = typeof import('./extra');

let extra: Extra | undefined;

/** The list of conversations, the form, files, the rating and the hours, which not every chat needs: once they are loaded. */
export function parts(chat: Chat): Extra | undefined {
    if (!extra) {
        import('./extra').then(
            (loaded) => {
                extra = loaded;
                chat.changed();
            },
            () => {},
        );
    }
    return extra;
}
