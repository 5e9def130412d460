export type ThemeChoice = 'system' | 'light' | 'dark';
const STORE = 'muster.theme';

class Theme {
    choice = $state<ThemeChoice>((localStorage.getItem(STORE) as ThemeChoice | null) ?? 'system');

    apply() {
        if (this.choice === 'system') delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = this.choice;
    }

    choose(choice: ThemeChoice) {
        this.choice = choice;
        localStorage.setItem(STORE, choice);
        this.apply();
    }
}

export const theme = new Theme();
