import { reason } from './toasts.svelte';

/** What somebody asks the desk to do, one thing at a time. Why it was refused stays until the next try. */
export class Attempt {
    busy = $state(false);
    refused = $state('');

    /** Whether it was done. */
    async run(work: () => Promise<unknown>): Promise<boolean> {
        if (this.busy) return false;
        this.busy = true;
        this.refused = '';
        try {
            await work();
            return true;
        } catch (failure) {
            this.refused = reason(failure);
            return false;
        } finally {
            this.busy = false;
        }
    }
}
