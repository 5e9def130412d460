import { browser } from './browser';

export type ThemeChoice = 'system' | 'light' | 'dark';
const STORE = 'muster.theme';

class Theme {
    choice = $state<ThemeChoice>((browser.read(STORE) as ThemeChoice | null) ?? 'system');

    apply() {
        if (this.choice === 'system') delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = this.choice;
    }

    choose(choice: ThemeChoice) {
        this.choice = choice;
        browser.write(STORE, choice);
        this.apply();
    }
}

export const theme = new Theme();
