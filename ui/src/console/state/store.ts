import { session } from './session.svelte';

/** What this browser keeps for the agent who is signed in; others who use it have their own. */
export const store = {
    read<Kept>(name: string, otherwise: Kept): Kept {
        try {
            return (JSON.parse(localStorage.getItem(key(name)) ?? 'null') as Kept | null) ?? otherwise;
        } catch {
            return otherwise;
        }
    },
    write(name: string, kept: unknown) {
        localStorage.setItem(key(name), JSON.stringify(kept));
    },
};

const key = (name: string) => `muster.${session.me?.id ?? 0}.${name}`;
