//! The order of candidates, key by key: of two agents the second is better by one key and worse by
//! all after it.

use muster_core::id::AgentId;
use muster_core::routing::Candidate;

use super::desk::{Desk, FRENCH, NOW, agent, assignments, earlier, french, waiting};

/// Keys of the order from the last but the id to the first.
type Better = fn(&mut Candidate, &mut Candidate);

const KEYS: [(&str, Better); 5] = [
    ("longest idle", |first, second| {
        first.state.last_assigned_at = Some(earlier(10));
        second.state.last_assigned_at = Some(earlier(20));
    }),
    ("membership count", |first, second| {
        first.memberships[0].assignment_count = 2;
        second.memberships[0].assignment_count = 1;
    }),
    ("membership order", |first, second| {
        first.memberships[0].order = 1;
        second.memberships[0].order = -1;
    }),
    ("skill level", |first, second| {
        first.levels.insert(FRENCH, 60);
        second.levels.insert(FRENCH, 70);
    }),
    ("least loaded", |first, second| {
        first.state.load = 2;
        second.state.load = 1;
    }),
];

fn two() -> (Candidate, Candidate) {
    let mut agents = (agent(1, "Kim Lee"), agent(2, "Lee Roe"));
    for agent in [&mut agents.0, &mut agents.1] {
        agent.state.last_assigned_at = Some(earlier(15));
        agent.levels.insert(FRENCH, 65);
    }
    agents
}

fn winner(agents: (Candidate, Candidate), preferred: Option<AgentId>) -> i64 {
    let mut entry = waiting(1);
    entry.required_skills = french(50);
    entry.preferred_agent = preferred;
    assignments(&Desk::new(vec![agents.0, agents.1], vec![entry]).decide())[0].1
}

#[test]
fn the_lower_id_wins_where_all_else_is_equal() {
    assert_eq!(winner(two(), None), 1);
}

#[test]
fn each_key_outweighs_all_after_it() {
    for (at, (key, better)) in KEYS.iter().enumerate() {
        let (mut first, mut second) = two();
        better(&mut first, &mut second);
        for (_, worse) in &KEYS[..at] {
            worse(&mut second, &mut first);
        }
        assert_eq!(winner((first, second), None), 2, "{key}");
    }
}

#[test]
fn the_preferred_agent_outweighs_every_key() {
    let (mut first, mut second) = two();
    for (_, better) in KEYS {
        better(&mut second, &mut first);
    }
    assert_eq!(winner((first, second), Some(AgentId(2))), 2);
}

#[test]
fn never_assigned_counts_as_idle_longest() {
    let (first, mut second) = two();
    second.state.last_assigned_at = None;
    assert_eq!(winner((first, second), None), 2);
}

#[test]
fn the_lowest_of_several_levels_counts() {
    let spanish = muster_core::id::SkillId(2);
    let (mut first, mut second) = two();
    first.levels.extend([(FRENCH, 100), (spanish, 20)]);
    second.levels.extend([(FRENCH, 30), (spanish, 30)]);
    let mut entry = waiting(1);
    entry.required_skills = french(1);
    entry.required_skills.push(muster_core::skill::RequiredSkill { skill: spanish, level: 1 });
    assert_eq!(assignments(&Desk::new(vec![first, second], vec![entry]).decide()), [(1, 2)]);
}

#[test]
fn the_queue_is_served_by_rank_then_time_then_id() {
    let mut entries: Vec<_> = (1..=4).map(waiting).collect();
    entries[1].queued_at = earlier(90);
    entries[3].rank = 1;
    let mut kim = agent(1, "Kim Lee");
    kim.capacity = Some(9);
    let decisions = Desk::new(vec![kim], entries).decide();
    assert_eq!(assignments(&decisions), [(4, 1), (2, 1), (1, 1), (3, 1)]);
}

#[test]
fn what_is_given_in_a_round_counts_for_the_rest_of_it() {
    let mut lee = agent(2, "Lee Roe");
    lee.state.load = 1;
    lee.capacity = Some(2);
    let mut kim = agent(1, "Kim Lee");
    kim.capacity = Some(2);
    let desk = Desk::new(vec![kim, lee], (1..=4).map(waiting).collect());
    // Kim at 0; then both at 1 and Lee never assigned; then Kim's second; then both are full.
    assert_eq!(assignments(&desk.decide()), [(1, 1), (2, 2), (3, 1)]);
}

#[test]
fn lines_share_their_agents() {
    let mut kim = agent(1, "Kim Lee");
    kim.capacity = Some(1);
    kim.levels.insert(FRENCH, 90);
    let mut late = waiting(1);
    late.queued_at = NOW;
    let mut early = waiting(2);
    early.required_skills = french(50);
    assert_eq!(assignments(&Desk::new(vec![kim], vec![late, early]).decide()), [(2, 1)]);
}
