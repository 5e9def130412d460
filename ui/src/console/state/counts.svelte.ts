import { SvelteMap } from 'svelte/reactivity';
import { desk } from './desk.svelte';
import { session } from './session.svelte';
import { fetchPage, sourceKey, type Source } from './sources';

const SOON = 1_500;
const MANY = 100;

/** Numbers beside the lists: unread ones of one's own, waiting ones where nobody has them yet. */
class Counts {
    readonly #known = new SvelteMap<string, number>();
    #soon: ReturnType<typeof setTimeout> | undefined;

    of(source: Source): number {
        return this.#known.get(sourceKey(source)) ?? 0;
    }

    get unread(): number {
        return this.of({ kind: 'assigned' }) + this.of({ kind: 'mentioned' });
    }

    refreshSoon() {
        this.#soon ??= setTimeout(() => {
            this.#soon = undefined;
            void this.refresh();
        }, SOON);
    }

    async refresh() {
        await desk.statusesAsked;
        const mine = session.me?.teams ?? [];
        await Promise.all([
            this.#count({ kind: 'assigned' }, 'unread'),
            this.#count({ kind: 'mentioned' }, 'unread'),
            ...(session.can('conversations:read_unassigned') ? [this.#count({ kind: 'unassigned' }, 'all')] : []),
            ...mine.map((team) => this.#count({ kind: 'team', id: team.id }, 'all')),
        ]);
    }

    async #count(source: Source, which: 'unread' | 'all') {
        const statuses = desk.statuses.filter((status) => status.category === 'open').map((status) => status.id);
        const size = which === 'unread' ? MANY : 1;
        try {
            const { results, total } = await fetchPage(source, { page: 1, size, order: 'newest', statuses });
            const unread = results.filter((item) => (item.unread_message_count ?? 0) > 0).length;
            this.#known.set(sourceKey(source), which === 'unread' ? unread : total);
        } catch {
            // The old number stays until the next look.
        }
    }
}

export const counts = new Counts();
