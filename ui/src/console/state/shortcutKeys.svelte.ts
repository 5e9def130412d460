import { browser } from './browser';

const STORE = 'muster.shortcuts';

/** Whether keys alone do something: whoever speaks to the machine may hit them unawares. */
class ShortcutKeys {
    on = $state(browser.read(STORE) !== 'off');

    set(on: boolean) {
        this.on = on;
        browser.write(STORE, on ? 'on' : 'off');
    }
}

export const shortcutKeys = new ShortcutKeys();
