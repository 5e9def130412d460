import type { Schemas } from '../../../api/client';
import { branded, isBranded } from './brand';
import { difference, overlaid, whole } from './difference';
import { domains } from './domains';
import type { InboxChange } from './inboxes';

type Inbox = Schemas['Inbox'];

/** What the form of an inbox changes. */
export interface Look {
    name: string;
    team: number | null;
    config: Schemas['ChatConfig'];
    /** The pages that may show it, as they are typed. */
    pages: string;
}

export const lookOf = ({ name, muster, config }: Inbox): Look => ({
    name,
    team: muster.default_team,
    config: structuredClone(config),
    pages: config.trusted_domains.join('\n'),
});

/** What was typed since it was like `base`, laid over what is stored now. */
export const laidOn = (stored: Inbox, base: Look, typed: Look): Look =>
    overlaid(lookOf(stored), difference(base, typed) ?? {});

/** The configuration that was typed, with what follows from it. */
function configOf({ config, pages }: Look, before: Look): Schemas['ChatConfig'] {
    const { primary } = config.colors;
    const isRecolored = primary !== before.config.colors.primary && isBranded(before.config);
    const asked = overlaid(config, isRecolored ? branded(primary) : {});
    if (pages !== before.pages) asked.trusted_domains = domains(pages);
    const { text } = asked.notice_banner;
    if (text !== before.config.notice_banner.text) asked.notice_banner.enabled = text.trim() !== '';
    return asked;
}

/** What to send for what was typed on `base`, when the inbox is like `now`; `null`: nothing. */
export function changeOf(typed: Look, base: Inbox, now: Inbox): InboxChange | null {
    const before = lookOf(base);
    const told = difference(before.config, configOf(typed, before));
    const change = {
        ...(typed.name === before.name ? {} : { name: typed.name }),
        ...(told ? { config: whole(told, now.config) } : {}),
        ...(typed.team === before.team ? {} : { muster: { default_team: typed.team } }),
    };
    return Object.keys(change).length ? change : null;
}
