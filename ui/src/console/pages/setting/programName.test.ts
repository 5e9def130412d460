import { expect, test } from 'vitest';
import { programName } from './programName';

test.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox, Linux'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge, Windows'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1 Version/18.0 Safari/604.1', 'Safari, iOS'],
    ['curl/8.14.1', 'curl/8.14.1'],
    [null, ''],
])('%s is called %s', (agent, name) => {
    expect(programName(agent)).toBe(name);
});
