import { api, take, type Schemas } from '../../api/client';
import { session } from './session.svelte';

/** What the desk is made of, as every screen needs it: people, teams and the words of a conversation. */
class Desk {
    agents = $state.raw<Schemas['UserCompact'][]>([]);
    teams = $state.raw<Schemas['TeamCompact'][]>([]);
    inboxes = $state.raw<Schemas['Inbox'][]>([]);
    statuses = $state.raw<Schemas['Status'][]>([]);
    priorities = $state.raw<Schemas['Priority'][]>([]);
    tags = $state.raw<Schemas['Tag'][]>([]);
    macros = $state.raw<Schemas['Macro'][]>([]);
    views = $state.raw<Schemas['View'][]>([]);
    uploadLimit = $state(20);
    #statusesKnown = () => {};
    /** Done when the statuses were asked for once: the lists are chosen by them. */
    readonly statusesAsked = new Promise<void>((done) => (this.#statusesKnown = done));

    async load() {
        const quietly = async <Data>(call: Promise<Data>, put: (data: Data) => void) => {
            try {
                put(await call);
            } catch {
                // What one may not read stays empty.
            }
        };
        await Promise.all([
            quietly(take(api.GET('/api/v1/agents/compact')), (found) => (this.agents = found)),
            quietly(take(api.GET('/api/v1/teams/compact')), (found) => (this.teams = found)),
            quietly(take(api.GET('/api/v1/inboxes')), (found) => (this.inboxes = found)),
            quietly(take(api.GET('/api/v1/statuses')), (found) => (this.statuses = found)).then(this.#statusesKnown),
            quietly(take(api.GET('/api/v1/priorities')), (found) => (this.priorities = found)),
            quietly(take(api.GET('/api/v1/tags')), (found) => (this.tags = found)),
            quietly(take(api.GET('/api/v1/macros')), (found) => (this.macros = found)),
            quietly(take(api.GET('/api/v1/settings/general')), (found) => {
                this.uploadLimit = found['app.max_file_upload_size'];
            }),
            quietly(this.#views(), (found) => (this.views = found)),
        ]);
    }

    async #views() {
        const [own, shared] = await Promise.all([
            session.can('view:manage') ? take(api.GET('/api/v1/views/me')) : [],
            take(api.GET('/api/v1/views/shared')),
        ]);
        return [...own, ...shared];
    }

    get enabledAgents() {
        return this.agents.filter((agent) => agent.enabled);
    }

    agent(id: number | null | undefined) {
        return this.agents.find((agent) => agent.id === id);
    }

    team(id: number | null | undefined) {
        return this.teams.find((team) => team.id === id);
    }

    category(status: string | null | undefined): Schemas['CategoryWord'] {
        return this.statuses.find((known) => known.name === status)?.category ?? 'open';
    }

    /** The filter of a list: conversations whose status is one of such a category. */
    withStatus(wanted: (category: Schemas['CategoryWord']) => boolean) {
        const ids = this.statuses.filter(({ category }) => wanted(category)).map(({ id }) => String(id));
        return { model: 'conversations', field: 'status_id', operator: 'in', value: JSON.stringify(ids) };
    }

    heardAvailability(id: number, status: Schemas['AvailabilityStatus']) {
        this.agents = this.agents.map((agent) => (agent.id === id ? { ...agent, availability_status: status } : agent));
    }
}

export const desk = new Desk();

export function personName(person: { first_name: string; last_name: string } | null | undefined): string {
    return person ? `${person.first_name} ${person.last_name}`.trim() : '';
}
