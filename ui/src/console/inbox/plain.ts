const PLAIN = new Set(['P', 'BR', 'SPAN', 'DIV']);

/** Whether HTML has nothing that its text would lose. */
export function isPlain(html: string): boolean {
    const { body } = new DOMParser().parseFromString(html, 'text/html');
    return [...body.querySelectorAll('*')].every((element) => PLAIN.has(element.tagName));
}

export const isEmpty = (html: string): boolean => html.replace(/<[^>]*>|&nbsp;/g, '').trim() === '';
