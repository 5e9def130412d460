/** Host names out of what somebody typed or pasted: whole addresses too, one a line or parted by blanks and commas. */
export function domains(text: string): string[] {
    const words = text.split(/[\s,;]+/).filter(Boolean);
    const hosts = words.map((word) => word.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[/?#].*$/, ''));
    return [...new Set(hosts.filter(Boolean).map((host) => host.toLowerCase()))];
}

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i;

/** Whether it is a host name, perhaps with `*.` before it and a port behind it. */
export function isHost(text: string): boolean {
    const [, host = '', port = '80'] = /^(?:\*\.)?([^:]*)(?::(\d+))?$/.exec(text) ?? [];
    return host.split('.').every((label) => LABEL.test(label)) && Number(port) < 65_536;
}
