import { SvelteMap } from 'svelte/reactivity';
import type { Schemas } from '../../api/client';
import { desk } from './desk.svelte';
import { fetchPage, sourceKey, type Item, type Order, type Source } from './sources';
import { reason } from './toasts.svelte';

const PAGE = 50;
const SOON = 400;

export type StatusChoice = Schemas['CategoryWord'] | 'any';

/** The conversations of one source, page by page as they come into sight. */
export class ConversationList {
    total = $state(0);
    phase = $state<'loading' | 'ready' | 'failed'>('loading');
    problem = $state('');
    source = $state.raw<Source>({ kind: 'assigned' });
    order = $state<Order>('newest');
    status = $state<StatusChoice>('open');

    readonly #pages = new SvelteMap<number, Item[]>();
    readonly #asked = new Set<number>();
    #sight: [number, number] = [1, 1];
    #generation = 0;
    #soon: ReturnType<typeof setTimeout> | undefined;

    show(source: Source) {
        if (this.phase !== 'loading' && sourceKey(source) === sourceKey(this.source)) return;
        this.source = source;
        void this.reload();
    }

    arrange(change: { order?: Order; status?: StatusChoice }) {
        this.order = change.order ?? this.order;
        this.status = change.status ?? this.status;
        void this.reload();
    }

    async reload() {
        this.#generation++;
        this.#pages.clear();
        this.#asked.clear();
        this.#sight = [1, 1];
        this.phase = 'loading';
        await this.#page(1);
    }

    at(index: number): Item | undefined {
        return this.#pages.get(Math.floor(index / PAGE) + 1)?.[index % PAGE];
    }

    indexOf(uuid: string): number {
        for (const [page, items] of this.#pages) {
            const index = items.findIndex((item) => item.uuid === uuid);
            if (index >= 0) return (page - 1) * PAGE + index;
        }
        return -1;
    }

    inSight(first: number, last: number) {
        this.#sight = [Math.floor(first / PAGE) + 1, Math.floor(Math.max(first, last) / PAGE) + 1];
        for (let page = this.#sight[0]; page <= this.#sight[1]; page++) {
            if (!this.#asked.has(page)) void this.#page(page);
        }
    }

    /** Shows a change at once where the conversation is in sight, and looks soon at what became of the order. */
    changed(uuid: string, change: Partial<Item>) {
        for (const [page, items] of this.#pages) {
            const index = items.findIndex((item) => item.uuid === uuid);
            const item = items[index];
            if (item) this.#pages.set(page, items.with(index, { ...item, ...change }));
        }
    }

    refreshSoon() {
        this.#soon ??= setTimeout(() => {
            this.#soon = undefined;
            void this.#refresh();
        }, SOON);
    }

    async #refresh() {
        if (this.phase === 'loading') return;
        const generation = ++this.#generation;
        this.#asked.clear();
        const [first, last] = this.#sight;
        await Promise.all(Array.from({ length: last - first + 1 }, (_, index) => this.#page(first + index)));
        if (generation !== this.#generation) return;
        const [from, to] = this.#sight;
        for (const page of this.#pages.keys()) {
            if (page >= from && page <= to) continue;
            this.#pages.delete(page);
            this.#asked.delete(page);
        }
    }

    async #page(page: number) {
        this.#asked.add(page);
        const generation = this.#generation;
        await desk.statusesAsked;
        const known = desk.statuses.filter((status) => status.category === this.status);
        const statuses = this.status === 'any' ? [] : known.map((status) => status.id);
        try {
            const found = await fetchPage(this.source, { page, size: PAGE, order: this.order, statuses });
            if (generation !== this.#generation) return;
            this.#pages.set(page, found.results);
            this.total = found.total;
            this.phase = 'ready';
        } catch (failure) {
            if (generation !== this.#generation) return;
            this.#asked.delete(page);
            this.problem = reason(failure);
            if (this.#pages.size === 0) this.phase = 'failed';
        }
    }
}

export const conversationList = new ConversationList();
