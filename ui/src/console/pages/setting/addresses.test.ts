import { expect, test } from 'vitest';
import { addresses, nameOf, without } from './addresses';

test('addresses are found among names, each once', () => {
    expect(addresses('Sam Doe <Sam.Doe@example.org>, ada@example.org;\nsam.doe@example.org')).toEqual([
        'sam.doe@example.org',
        'ada@example.org',
    ]);
});

test.each([
    ['kim.doe@example.org', 'Kim', 'Doe'],
    ['ada+desk@example.org', 'Ada', ''],
    ['j_van-dyk@example.org', 'J', 'Van Dyk'],
])('%s is %s %s', (email, first_name, last_name) => {
    expect(nameOf(email)).toEqual({ first_name, last_name });
});

test('who is done leaves the text, and nobody else', () => {
    const text = 'Sam Doe <Sam@example.org>, ada@example.org;\nkim@example.org lee@example.org\nhalf a na';
    expect(without(text, new Set(['sam@example.org', 'kim@example.org']))).toBe(
        'ada@example.org\nlee@example.org\nhalf a na',
    );
    expect(without('sam@example.org', new Set(['sam@example.org']))).toBe('');
});
