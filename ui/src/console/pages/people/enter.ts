import { tick } from 'svelte';

/** The keyboard goes on at the top of a page that came in place of another one. */
export const enter = () => document.getElementById('main')?.focus();

/** The keyboard goes on at the first button in there: the one that had the focus is gone. A dialog closes first. */
export async function focusIn(place: HTMLElement | undefined) {
    await tick();
    requestAnimationFrame(() => place?.querySelector('button')?.focus());
}
