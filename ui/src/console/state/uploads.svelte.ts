import { upload } from '../inbox/files';
import { t } from '../text';
import { desk } from './desk.svelte';
import { drafts, type DraftType } from './drafts.svelte';
import { toasts } from './toasts.svelte';

interface Upload {
    key: number;
    uuid: string;
    type: DraftType;
    name: string;
}

/** Files on their way to a draft, whichever conversation is on the screen meanwhile. */
class Uploads {
    #running = $state<Upload[]>([]);
    #next = 0;

    of(uuid: string, type: DraftType): Upload[] {
        return this.#running.filter((one) => one.uuid === uuid && one.type === type);
    }

    async add(uuid: string, type: DraftType, file: File) {
        if (file.size > desk.uploadLimit * 1024 * 1024) {
            toasts.say(t('composer.tooBig', { name: file.name, limit: desk.uploadLimit }), 'bad');
            return;
        }
        const key = this.#next++;
        this.#running.push({ key, uuid, type, name: file.name });
        try {
            const { id } = await upload(file);
            const wanted = this.#running.some((one) => one.key === key);
            if (wanted) drafts.attach(uuid, type, { id, name: file.name, size: file.size });
        } catch (failure) {
            toasts.failed(failure);
        }
        this.drop(key);
    }

    drop(key: number) {
        this.#running = this.#running.filter((one) => one.key !== key);
    }
}

export const uploads = new Uploads();
