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
