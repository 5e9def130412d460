import { Agent } from './harness/agent';
import { mouse } from './harness/hands';
import { HostPage } from './harness/host';
import { makeAgent, makeInbox, setUp } from './harness/setUp';
import { DESKTOP, expect, test } from './harness/test';
import { Visitor } from './harness/visitor';

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`a chat outlives the program's end by ${signal}`, async ({ ownDesk, origins, browse }) => {
        const admin = await setUp(ownDesk);
        const inbox = await makeInbox(admin, 'Support');
        const amy = await makeAgent(admin, 'Amy', 'Support');
        const shop = await HostPage.start(ownDesk.address, inbox);
        origins.push(shop.address);
        const agent = new Agent(await browse(DESKTOP), mouse);
        const visitor = new Visitor(await browse(DESKTOP), mouse);
        await agent.signIn(ownDesk.address, amy);
        await visitor.open(shop.address);
        await visitor.write('Does the lamp dim?');
        await agent.answersTheBell('Does the lamp dim?');

        await ownDesk.restart(signal, async () => {
            await expect(agent.page.getByText(/^No connection since/)).toBeVisible();
            await visitor.write('The one called Heron.');
            await agent.answers('Yes, with the small wheel.');
            await expect(agent.page.getByText(/^Not sent/)).toBeVisible();
        });
        await agent.sees('The one called Heron.');
        await expect(agent.page.getByText(/^No connection since/)).toBeHidden();
        await agent.page.getByRole('button', { name: 'Try again' }).click();
        await visitor.sees('Yes, with the small wheel.');
        await agent.resolves();
        await visitor.rate(4, 'It took a moment.');
        await agent.sees('Rated 4 of 5');
        const log = visitor.frame.getByRole('log');
        await expect(log.getByText('The one called Heron.', { exact: true })).toHaveCount(1);
        await expect(log.getByText('Yes, with the small wheel.', { exact: true })).toHaveCount(1);
        await shop.end();
    });
}
