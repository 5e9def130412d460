import { expect, test } from 'vitest';
import { exampleOf } from './examples';

const desk = 'https://desk.example.org';
const made = { account: 'shop', api_key: 'abc', auth: 'either' } as const;

test('a key is tried as it is, where it may be', () => {
    expect(exampleOf({ ...made, kind: 'cloudagent' }, desk)).toBe(
        `curl -s ${desk}/ca_apis/AgentDetails -H 'apiKey: abc' -H 'Content-Type: application/json' -d '{"userName":"shop"}'`,
    );
});

test('a token is asked for first, where there has to be one', () => {
    expect(exampleOf({ ...made, kind: 'cloudagent', auth: 'token' }, desk)).toContain('/ca_apis/CAToken/generateToken');
    expect(exampleOf({ ...made, kind: 'imichat' }, desk)).toContain(`Authorization: ${btoa('abc@shop')}`);
});

test('what is not known has no example', () => {
    expect(exampleOf({ ...made, kind: 'other' }, desk)).toBe('');
});
