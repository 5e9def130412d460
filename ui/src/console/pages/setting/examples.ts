import type { Schemas } from '../../../api/client';

type NewKey = Pick<Schemas['NewKey'], 'kind' | 'account' | 'auth' | 'api_key'>;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const header = (name: string, value: string): string => `-H ${quoted(`${name}: ${value}`)}`;
const JSON_BODY = header('Content-Type', 'application/json');

function cloudagent(desk: string, { account, auth, api_key: key }: NewKey): string {
    const ask = (path: string, proof: string) =>
        `curl -s ${desk}/ca_apis/${path} ${proof} ${JSON_BODY} -d ${quoted(JSON.stringify({ userName: account }))}`;
    if (auth !== 'token') return ask('AgentDetails', header('apiKey', key));
    const token = `${ask('CAToken/generateToken', header('apiKey', key))} | sed 's/.*"token": *"\\([^"]*\\)".*/\\1/'`;
    return `TOKEN=$(${token}) && ${ask('AgentDetails', '-H "Authorization: Bearer $TOKEN"')}`;
}

function imichat(desk: string, { account, api_key: key }: NewKey): string {
    const authorize = `curl -s -o /dev/null -D - ${desk}/v3.1/authorize ${header('Authorization', btoa(`${key}@${account}`))}`;
    const token = `${authorize} | sed -n 's/^access_token: *//p' | tr -d '\\r'`;
    return `TOKEN=$(${token}) && curl -s ${desk}/v3.1/teams -H "access_token: $TOKEN"`;
}

/** A line for a shell that shows whether an integration's credentials work; nothing where its kind is not known. */
export function exampleOf(made: NewKey, desk: string): string {
    if (made.kind === 'cloudagent') return cloudagent(desk, made);
    return made.kind === 'imichat' ? imichat(desk, made) : '';
}

/** The same for a program that signs in as an agent. The shell asks for what nobody else should read. */
export const asAgent = {
    libredesk: (desk: string, key: string): string => `curl --user ${quoted(key)} ${desk}/api/v1/agents/me`,
    rocketchat: (desk: string, user: string): string =>
        `read -rsp 'Password: ' PASSWORD && curl -s ${desk}/api/v1/login --data-urlencode ${quoted(`user=${user}`)} --data-urlencode "password=$PASSWORD"`,
};
