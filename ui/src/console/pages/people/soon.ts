import { socket, type Frame } from '../../state/socket.svelte';

const SOON = 1_500;

/** Loads anew a moment after a frame of the socket that says something about it; returns what ends it. */
export function loadsAnew(about: (frame: Frame) => boolean, load: () => Promise<unknown>): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unhear = socket.hear((frame) => {
        if (timer || !(frame.type === 'reload' || about(frame))) return;
        timer = setTimeout(() => {
            timer = undefined;
            // What is shown stays until the next look.
            load().catch(() => {});
        }, SOON);
    });
    return () => {
        clearTimeout(timer);
        unhear();
    };
}

/** Somebody's state changed, or who has how much. */
export const aboutWork = ({ type, data }: Frame): boolean =>
    type === 'agent_availability_update' ||
    (type === 'conversation_update' &&
        ('assigned_user_id' in (data as object) ||
            'status' in (data as object) ||
            'assigned_team_id' in (data as object)));
