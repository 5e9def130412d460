/** The page that the address names. Links stay plain `<a href>`: `App.svelte` hands their clicks over. */
class Router {
    path = $state(location.pathname);
    query = $state.raw(new URLSearchParams(location.search));

    constructor() {
        addEventListener('popstate', () => this.#read());
    }

    #read() {
        this.path = location.pathname;
        this.query = new URLSearchParams(location.search);
    }

    go(to: string, how: { replace?: boolean } = {}) {
        if (to === location.pathname + location.search) return;
        history[how.replace ? 'replaceState' : 'pushState'](null, '', to);
        this.#read();
    }

    /** Follows a click on a link to a page of the console. */
    follow(event: MouseEvent) {
        if (event.defaultPrevented || event.button !== 0) return;
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        const link = event.target instanceof Element ? event.target.closest('a') : null;
        if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
        if (link.dataset.leave !== undefined) return;
        event.preventDefault();
        this.go(link.pathname + link.search);
    }
}

export const router = new Router();

/** The parts of a path such as `/agents/:id`, or null if `path` is another one. */
export function match(pattern: string, path: string): Record<string, string> | null {
    const wanted = pattern.split('/');
    const given = path.replace(/\/+$/, '').split('/');
    if (wanted.length !== given.length) return null;
    const parts: Record<string, string> = {};
    for (const [index, word] of wanted.entries()) {
        const value = given[index] ?? '';
        if (word.startsWith(':')) parts[word.slice(1)] = decodeURIComponent(value);
        else if (word !== value) return null;
    }
    return parts;
}
