import { Refusal } from '../../api/client';
import { t } from '../text';

interface Toast {
    id: number;
    text: string;
    tone: 'good' | 'bad';
}

/** Short messages at the edge of the screen. Errors stay until they are closed. */
class Toasts {
    shown = $state<Toast[]>([]);
    #next = 1;

    say(text: string, tone: Toast['tone'] = 'good') {
        const id = this.#next++;
        this.shown.push({ id, text, tone });
        if (this.shown.length > 4) this.shown.shift();
        if (tone === 'good') setTimeout(() => this.close(id), 4000);
    }

    failed(failure: unknown) {
        this.say(reason(failure), 'bad');
    }

    close(id: number) {
        this.shown = this.shown.filter((toast) => toast.id !== id);
    }
}

export function reason(failure: unknown): string {
    return failure instanceof Refusal && failure.message ? failure.message : t('error.unknown');
}

export const toasts = new Toasts();
