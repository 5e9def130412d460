import { api, onTrouble, Refusal, take, type Schemas } from '../../api/client';
import { router } from '../router.svelte';
import { t } from '../text';

export type Me = Omit<Schemas['User'], 'meta'>;

const OUTSIDE = ['/login', '/setup', '/set-password', '/reset-password'];

/** Who is signed in, and what they may do. */
class Session {
    phase = $state<'starting' | 'in' | 'out' | 'unreachable'>('starting');
    me = $state<Me | null>(null);
    siteName = $state('Muster');

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
            if (failure instanceof Refusal && !failure.unreachable && failure.status !== 503) this.ended();
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
        this.me = null;
        this.phase = 'out';
        if (this.outside) return;
        const here = router.path === '/' ? '' : `?next=${encodeURIComponent(router.path)}`;
        router.go(`/login${here}`, { replace: true });
    }

    async refresh() {
        this.me = await take(api.GET('/api/v1/agents/me'));
    }
}

export const session = new Session();
