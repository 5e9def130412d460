import { Agent } from './harness/agent';
import { begin } from './harness/api';
import type { Demo } from './harness/desk';
import { keyboard, mouse, touch, type Hands } from './harness/hands';
import { DESKTOP, expect, PHONE, test } from './harness/test';
import { Visitor } from './harness/visitor';

interface Owned {
    assigned_user_id: number | null;
}

/** One of the two agents gets a conversation; answers with the other, whose turn is next. */
async function whoIsNext(demo: Demo) {
    const uuid = await begin(demo.address, demo.inbox, 'Somebody wrote before.');
    const owner = async () => (await demo.api.get<Owned>(`conversations/${uuid}`)).assigned_user_id;
    await expect.poll(owner).not.toBeNull();
    const busy = await demo.api.get<{ email: string }>(`agents/${await owner()}`);
    return busy.email === demo.amy.email ? demo.ben : demo.amy;
}

const ways: [string, Hands, typeof DESKTOP][] = [
    ['by mouse', mouse, DESKTOP],
    ['by keyboard alone', keyboard, DESKTOP],
    ['by touch on a telephone', touch, PHONE],
];

for (const [how, hands, screen] of ways) {
    test(`a visitor writes, the right agent answers, the visitor rates it, ${how}`, async ({ demo, browse }) => {
        const next = await whoIsNext(demo);
        const agent = new Agent(await browse(screen), hands);
        const visitor = new Visitor(await browse(screen), hands);
        await agent.signIn(demo.address, next);
        await visitor.open(demo.shop);

        await visitor.write('Is the blanket washable?');
        await agent.answersTheBell('Is the blanket washable?');
        await agent.seesWhy(/With 0 open conversations, that was less than .+ \(1\)/);
        await agent.answers('By hand, in cool water.');
        await visitor.sees('By hand, in cool water.');
        await visitor.write('Thank you!');
        await agent.sees('Thank you!');
        await agent.resolves();
        await visitor.rate(5, 'Quick and kind.');
        await agent.sees('Rated 5 of 5');
        await agent.sees('Quick and kind.');
    });
}
