interface Placed {
    agent_id: number;
    order: number;
}

/** The members with one of them put at another place. */
export function moved<Member extends Placed>(members: readonly Member[], id: number, to: number): Member[] {
    const one = members.find(({ agent_id }) => agent_id === id);
    const others = members.filter(({ agent_id }) => agent_id !== id);
    if (one) others.splice(Math.min(Math.max(to, 0), others.length), 0, one);
    return others;
}

/** The members with such numbers. */
export const withNumbers = <Member extends Placed>(members: readonly Member[], set: readonly Placed[]): Member[] =>
    members.map((member) => ({ ...member, ...set.find(({ agent_id }) => agent_id === member.agent_id) }));

/** The numbers that have to change so that the members stand as they are listed: as few as possible from the top. */
export function renumbered(members: readonly Placed[]): Placed[] {
    const changes: Placed[] = [];
    let last = -Infinity;
    for (const { agent_id, order } of members) {
        const next = order > last ? order : last + 1;
        if (next !== order) changes.push({ agent_id, order: next });
        last = next;
    }
    return changes;
}
