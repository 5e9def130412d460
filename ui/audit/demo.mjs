import { spawn } from 'node:child_process';
import { once } from 'node:events';

const CONVERSATIONS = 40;

/** The demo with some conversations, for as long as the work takes. */
export async function withDemo(program, work) {
    const child = spawn(program, ['demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    try {
        const printed = await Promise.race([
            untilListening(child),
            ended.then(() => {
                throw new Error(`${program} did not start`);
            }),
        ]);
        const find = (pattern) => pattern.exec(printed)?.[1];
        const demo = {
            address: find(/^listening on (http:\S+)$/m),
            administrator: { email: 'admin@example.org', password: find(/admin@example\.org\s+(\S+)/) },
            inbox: find(/INBOX=(\S+)/),
            key: `${find(/API_KEY=(\S+)/)}:${find(/API_SECRET=(\S+)/)}`,
        };
        demo.conversation = await fill(demo);
        return await work(demo);
    } finally {
        child.kill();
        await ended;
    }
}

function untilListening(child) {
    let printed = '';
    return new Promise((done) => {
        child.stdout.on('data', (text) => {
            printed += text;
            if (/^listening on .*$/m.test(printed)) done(printed);
        });
    });
}

/** Visitors write, and the first of them is answered; answers with that conversation's UUID. */
async function fill({ address, inbox, key }) {
    let first;
    for (let number = 0; number < CONVERSATIONS; number++) {
        const message = `Parcel ${number} has not arrived. It was to be here on Monday, and the carrier knows nothing of it.`;
        const begun = await post(
            `${address}/api/v1/widget/chat/conversations/init`,
            { message },
            { 'X-Libredesk-Inbox-ID': inbox },
        );
        first ??= begun.conversation.uuid;
    }
    const authorization = { Authorization: `Basic ${Buffer.from(key).toString('base64')}` };
    const write = (message, isNote) =>
        post(
            `${address}/api/v1/conversations/${first}/messages`,
            { message, sender_type: 'agent', private: isNote },
            authorization,
        );
    await write(
        '<p>I am sorry to hear that. Let me <b>ask the carrier</b>:</p><ul><li>when</li><li>where</li></ul>',
        false,
    );
    await write('<p>It is in the depot since Monday.</p>', true);
    return first;
}

async function post(url, body, headers) {
    const answer = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).data;
}
