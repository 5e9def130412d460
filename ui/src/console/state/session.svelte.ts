import { api, onTrouble, Refusal, take, type Schemas } from '../../api/client';
import { router } from '../router.svelte';
import { t } from '../text';

export type Me = Omit<Schemas['User'], 'meta'>;

const SOON = 500;
const OUTSIDE = ['/login', '/setup', '/set-password', '/reset-password'];

/** Who is signed in, and what they may do. */
class Session {
    phase = $state<'starting' | 'in' | 'out' | 'unreachable'>('starting');
    me = $state<Me | null>(null);
    siteName = $state('Muster');
    #soon: ReturnType<typeof setTimeout> | undefined;

    can(permission: string): boolean {
        return this.me?.permissions.includes(permission) ?? false;
    }

    get outside(): boolean {
        return OUTSIDE.includes(router.path);
    }

    async start() {
        onTrouble({ signedOut: () => this.ended(), unreachable: t('error.unreachable') });
        this.phase = 'starting';
        try {
            const config = await take(api.GET('/api/v1/config'));
            this.siteName = config['app.site_name'] || 'Muster';
            this.me = await take(api.GET('/api/v1/agents/me'));
            this.phase = 'in';
        } catch (failure) {
            if (failure instanceof Refusal && failure.status === 401) this.ended();
            else this.phase = 'unreachable';
        }
    }

    entered(user: Me) {
        this.me = user;
        this.phase = 'in';
        const next = router.query.get('next') ?? '';
        router.go(/^\/(?!\/)/.test(next) ? next : '/inboxes/assigned', { replace: true });
    }

    ended() {
        const here = router.path === '/' ? '' : `?next=${encodeURIComponent(router.path)}`;
        if (this.me && !this.outside) {
            this.#leave(`/login${here}`);
            return;
        }
        this.me = null;
        this.phase = 'out';
        if (!this.outside) router.go(`/login${here}`, { replace: true });
    }

    /** A page loaded anew knows nothing of whoever was here before. */
    #leave(to: string) {
        if (this.phase !== 'in') return;
        this.phase = 'starting';
        location.replace(to);
    }

    refreshSoon() {
        this.#soon ??= setTimeout(() => void this.#refresh(), SOON);
    }

    async #refresh() {
        this.#soon = undefined;
        try {
            this.me = await take(api.GET('/api/v1/agents/me'));
        } catch {
            // What is known stays until the next change.
        }
    }
}

export const session = new Session();
