import { socket, type Frame } from '../../state/socket.svelte';

const SOON = 1_500;

/** Loads anew a moment after a frame of the socket that says something about it, once at a time; returns what ends it. */
export function loadsAnew(about: (frame: Frame) => boolean, load: () => Promise<unknown>): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let loading = false;
    let outdated = false;
    let ended = false;
    const look = async () => {
        timer = undefined;
        loading = true;
        outdated = false;
        // What is shown stays until the next look.
        await load().catch(() => {});
        loading = false;
        if (outdated && !ended) soon();
    };
    const soon = () => {
        if (loading) outdated = true;
        else timer ??= setTimeout(() => void look(), SOON);
    };
    const unhear = socket.hear((frame) => {
        if (frame.type === 'reload' || about(frame)) soon();
    });
    return () => {
        ended = true;
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
