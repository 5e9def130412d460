/** The present minute, for texts such as "5 min ago". */
class Clock {
    now = $state(Date.now());

    constructor() {
        setInterval(() => (this.now = Date.now()), 15_000);
    }
}

export const clock = new Clock();
