import type { Locator } from '@playwright/test';

/** How somebody works a page. */
export interface Hands {
    press(target: Locator): Promise<void>;
    write(target: Locator, text: string): Promise<void>;
    /** Takes one of a group of radio buttons. */
    choose(group: Locator, name: string): Promise<void>;
}

const label = (group: Locator, name: string): Locator => group.locator('label').filter({ hasText: name });

export const mouse: Hands = {
    press: (target) => target.click(),
    write: async (target, text) => {
        await target.click();
        await target.pressSequentially(text);
    },
    choose: (group, name) => label(group, name).click(),
};

export const touch: Hands = {
    press: (target) => target.tap(),
    write: async (target, text) => {
        await target.tap();
        await target.pressSequentially(text);
    },
    choose: (group, name) => label(group, name).tap(),
};

const MOST_STOPS = 150;

const hasFocus = (target: Locator): Promise<boolean> =>
    target.evaluate((element) => {
        const root = element.getRootNode() as Document | ShadowRoot;
        return element.ownerDocument.hasFocus() && root.activeElement === element;
    });

/** Goes on with Tab until the focus is there. */
async function tabTo(target: Locator): Promise<void> {
    await target.waitFor({ state: 'attached' });
    for (let stop = 0; stop < MOST_STOPS; stop++) {
        if (await hasFocus(target)) return;
        await target.page().keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${String(target)}`);
}

export const keyboard: Hands = {
    press: async (target) => {
        await tabTo(target);
        await target.page().keyboard.press('Enter');
    },
    write: async (target, text) => {
        await tabTo(target);
        await target.page().keyboard.type(text);
    },
    choose: async (group, name) => {
        const radios = group.getByRole('radio');
        const wanted = group.getByRole('radio', { name });
        await tabTo(radios.first());
        await group.page().keyboard.press('Space');
        while (!(await wanted.isChecked())) await group.page().keyboard.press('ArrowRight');
    },
};
