import { expect, test } from 'vitest';
import { domains, isHost } from './domains';

test('addresses become host names, each once', () => {
    expect(domains('https://Shop.example.org/cart?x=1, *.example.com\n\nshop.example.org localhost:8080')).toEqual([
        'shop.example.org',
        '*.example.com',
        'localhost:8080',
    ]);
});

test.each([
    ['shop.example.org', true],
    ['*.example.com', true],
    ['localhost:8080', true],
    ['host!', false],
    ['shop..example.org', false],
    ['-shop.example.org', false],
    ['shop.example.org:99999', false],
    ['*', false],
])('%s is a host: %s', (text, is) => {
    expect(isHost(text)).toBe(is);
});
