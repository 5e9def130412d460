import { browser } from './browser';
import { session } from './session.svelte';

/** What this browser keeps for the agent who is signed in; others who use it have their own. */
export const store = {
    read<Kept>(name: string, otherwise: Kept): Kept {
        try {
            return (JSON.parse((session.me && browser.read(key(session.me.id, name))) ?? 'null') as Kept) ?? otherwise;
        } catch {
            return otherwise;
        }
    },
    write(name: string, kept: unknown) {
        if (session.me) browser.write(key(session.me.id, name), JSON.stringify(kept));
    },
};

const key = (agent: number, name: string) => `muster.${agent}.${name}`;
