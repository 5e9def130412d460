// The main thread's work, from Chromium's trace.

const CATEGORIES = ['__metadata', 'toplevel', 'disabled-by-default-devtools.timeline.frame'];
/** What DevTools shows of a trace; it costs time of its own. */
const DETAILS = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'disabled-by-default-v8.cpu_profiler'];

export const categories = (isDetailed) => (isDetailed ? [...CATEGORIES, ...DETAILS] : CATEGORIES);

/** The time of now as the trace has it: on Linux both are the monotonic clock's, in microseconds. */
export const now = () => Number(process.hrtime.bigint() / 1000n);

/**
 * The tasks of the page's main thread in their order: when each began, how long it lasted and how long it computed, in
 * milliseconds, and whether it made a frame. A task also lasts while it waits for the compositor or for a processor.
 */
export function tasks(trace) {
    const events = JSON.parse(trace).traceEvents;
    const frames = events.filter(({ name }) => name === 'BeginMainThreadFrame');
    const thread = ({ pid, tid }) => `${pid}:${tid}`;
    const counts = groups(frames, thread);
    const [main] = [...counts].toSorted(([, one], [, other]) => other.length - one.length)[0];
    const begun = counts
        .get(main)
        .map(({ ts }) => ts)
        .toSorted((one, other) => one - other);
    const found = [];
    let next = 0;
    let until = 0;
    const run = events.filter((event) => event.name === 'ThreadControllerImpl::RunTask' && thread(event) === main);
    for (const { ts, dur = 0, tdur = 0 } of run.toSorted((one, other) => one.ts - other.ts)) {
        // A task within a task is its part.
        if (ts < until) continue;
        until = ts + dur;
        while (next < begun.length && begun[next] < ts) next++;
        const isFrame = next < begun.length && begun[next] <= until;
        found.push({ at: ts, lasted: dur / 1000, computed: tdur / 1000, isFrame });
    }
    return found;
}

function groups(items, key) {
    const found = new Map();
    for (const item of items) found.set(key(item), [...(found.get(key(item)) ?? []), item]);
    return found;
}

const sum = (some) => ({
    lasted: some.reduce((all, { lasted }) => all + lasted, 0),
    computed: some.reduce((all, { computed }) => all + computed, 0),
});

/** What had to be done for each frame: the tasks after the one that made the frame before, and the one that made it. */
export function byFrame(all) {
    const found = [];
    let some = [];
    for (const task of all) {
        some.push(task);
        if (!task.isFrame) continue;
        found.push(sum(some));
        some = [];
    }
    return found;
}

/** What was done from each of these moments to the next. */
export function byMoment(all, moments) {
    return moments.map((from, index) =>
        sum(all.filter(({ at }) => at >= from && at < (moments[index + 1] ?? Infinity))),
    );
}
