import { expect, test } from 'vitest';
import { addresses, nameOf } from './addresses';

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
