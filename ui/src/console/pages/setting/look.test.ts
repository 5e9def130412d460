import { expect, test } from 'vitest';
import type { Schemas } from '../../../api/client';
import { changeOf, laidOn, lookOf, type Look } from './look';

const field = (key: string, required = false) => ({ key, label: key, enabled: true, required });

const inbox = (config: object = {}): Schemas['Inbox'] =>
    ({
        name: 'Chat',
        muster: { default_team: 1 },
        config: {
            greeting_message: 'Hello',
            trusted_domains: ['Shop.example.org'],
            notice_banner: { enabled: false, text: 'Back at nine' },
            colors: { primary: '#fff' },
            launcher: { color: '#fff', position: 'right' },
            home_screen: { background: { type: 'solid', color: '#fff' }, header_text_color: '#123456' },
            prechat_form: { enabled: true, fields: [field('name'), field('email')] },
            ...config,
        },
    }) as Schemas['Inbox'];

function typed(at: Schemas['Inbox'], how: (look: Look) => void): Look {
    const look = lookOf(at);
    how(look);
    return look;
}

test('what nobody touched is not sent', () => {
    expect(changeOf(lookOf(inbox()), inbox(), inbox())).toBeNull();
    const greeted = typed(inbox(), ({ config }) => (config.greeting_message = 'Hi'));
    expect(changeOf(greeted, inbox(), inbox())).toEqual({ config: { greeting_message: 'Hi' } });
});

test('a notice is on while there is one, host names come out of addresses', () => {
    const change = typed(inbox(), (look) => {
        look.config.notice_banner.text = 'Back at ten';
        look.pages = 'https://shop.example.org/cart';
    });
    expect(changeOf(change, inbox(), inbox())).toEqual({
        config: { notice_banner: { enabled: true, text: 'Back at ten' }, trusted_domains: ['shop.example.org'] },
    });
});

test('one colour moves the others that are the same', () => {
    const dark = (look: Look) => (look.config.colors.primary = '#000');
    expect(changeOf(typed(inbox(), dark), inbox(), inbox())?.config).toEqual({
        colors: { primary: '#000' },
        launcher: { color: '#000' },
        home_screen: { background: { color: '#000' }, header_text_color: '#ffffff' },
    });
    const apart = inbox({ launcher: { color: '#f00', position: 'right' } });
    expect(changeOf(typed(apart, dark), apart, apart)?.config).toEqual({ colors: { primary: '#000' } });
});

test('a field of the form goes out among the others as they are by then', () => {
    const needed = typed(inbox(), ({ config }) => (config.prechat_form.fields[1]!.required = true));
    const now = inbox({
        prechat_form: { enabled: true, fields: [field('name', true), field('phone'), field('email')] },
    });
    expect(changeOf(needed, inbox(), now)?.config).toEqual({
        prechat_form: { fields: [field('name', true), field('phone'), field('email', true)] },
    });
});

test('nobody in particular is a choice of a team', () => {
    const change = typed(inbox(), (look) => (look.team = null));
    expect(changeOf(change, inbox(), inbox())).toEqual({ muster: { default_team: null } });
});

test('what was typed since stays on what is stored now', () => {
    const sent = typed(inbox(), ({ config }) => (config.greeting_message = 'Hi'));
    const since = structuredClone(sent);
    since.name = 'Sales';
    since.pages = 'shop.example.org\nhttps://';
    const stored = inbox({ greeting_message: 'Hi', chat_introduction: 'by somebody else' });
    const look = laidOn(stored, sent, since);
    expect(look).toEqual({ ...lookOf(stored), name: 'Sales', pages: 'shop.example.org\nhttps://' });
});
