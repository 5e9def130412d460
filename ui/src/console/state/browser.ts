/** What this browser keeps. It may refuse: a full or a forbidden store loses nothing but what would be kept. */
export const browser = {
    read(name: string): string | null {
        try {
            return localStorage.getItem(name);
        } catch {
            return null;
        }
    },
    write(name: string, text: string) {
        try {
            localStorage.setItem(name, text);
        } catch {
            // The page goes on with what it has in hand.
        }
    },
};
