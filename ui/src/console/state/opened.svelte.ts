import { notices } from './notifications.svelte';
import { socket } from './socket.svelte';
import { Thread } from './thread.svelte';

/** The conversation that is on the screen. */
class Opened {
    thread = $state.raw<Thread | null>(null);

    show(uuid: string | null) {
        if (uuid === (this.thread?.uuid ?? null)) return;
        this.thread?.leave();
        this.thread = uuid ? new Thread(uuid) : null;
        socket.watch(uuid);
        void this.thread?.load();
        if (uuid) notices.readAbout(uuid);
    }
}

export const opened = new Opened();
