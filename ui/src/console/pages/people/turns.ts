const last = new Map<string, Promise<unknown>>();

/** Work of the same name is done one after another, whether or not what came before was. */
export function inTurn<Done>(name: string, work: () => Promise<Done>): Promise<Done> {
    const done = (last.get(name) ?? Promise.resolve()).then(work, work);
    const over = () => {
        if (last.get(name) === done) last.delete(name);
    };
    last.set(name, done);
    done.then(over, over);
    return done;
}
