import { api, take, type Schemas } from '../../api/client';

export function fileSize(bytes: number): string {
    if (bytes < 1024) return `${bytes} B`;
    if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
    return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function upload(file: File): Promise<Schemas['Media']> {
    return take(
        api.POST('/api/v1/media', {
            body: { files: '', linked_model: 'messages' },
            bodySerializer: () => {
                const form = new FormData();
                form.append('files', file, file.name);
                form.append('linked_model', 'messages');
                return form;
            },
        }),
    );
}

/** A file's address at the host this page came from: the desk names its public one, which may be another. */
export function here(address: string): string {
    if (!address) return '';
    const { pathname, search } = new URL(address, location.origin);
    return pathname + search;
}
