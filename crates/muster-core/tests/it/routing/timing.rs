//! When time alone changes a decision.

use muster_core::Timestamp;
use muster_core::id::{AgentId, ConversationId};
use muster_core::presence::{Link, State};
use muster_core::routing::{Exclusion, Outcome, Policy, decide, next_change};
use proptest::prelude::*;

use super::desk::{Desk, NOW, agent, assignments, earlier, later, waiting};
use super::generated::desk;

fn next(desk: &Desk) -> Option<Timestamp> {
    next_change(&desk.board(), &desk.policy, NOW)
}

fn outcomes(desk: &Desk, at: Timestamp) -> Vec<(ConversationId, Outcome)> {
    decide(&desk.board(), &desk.policy, at).iter().map(|d| (d.conversation, d.outcome)).collect()
}

proptest! {
    #[test]
    fn until_then_the_same_is_decided(mut desk in desk(), share in 0.0..1.0_f64) {
        // A round at the very instant of somebody's last assignment doesn't tell that from its own.
        for agent in &mut desk.agents {
            agent.state.last_assigned_at = agent.state.last_assigned_at.map(|at| at.min(earlier(1)));
        }
        if let Some(next) = next(&desk) {
            prop_assert!(next > NOW);
            let span = next.since(NOW).mul_f64(share);
            let between = (NOW + span).min(Timestamp::from_millis(next.as_millis() - 1));
            prop_assert_eq!(outcomes(&desk, between), outcomes(&desk, NOW));
        } else {
            prop_assert_eq!(outcomes(&desk, later(100_000)), outcomes(&desk, NOW));
        }
    }
}

#[test]
fn the_first_of_exclusion_wrap_up_and_lease_counts() {
    let mut entry = waiting(1);
    entry.excluded = vec![Exclusion { agent: AgentId(1), until: later(30) }];
    let mut desk = Desk::new(vec![agent(1, "Kim Lee")], vec![entry]);
    assert_eq!(next(&desk), Some(later(30)));
    desk.agents[0].state.wrap_up_until = Some(later(20));
    assert_eq!(next(&desk), Some(later(20)));
    desk.agents[0].state.lease_until = Some(later(10));
    assert_eq!(next(&desk), Some(later(10)));
    desk.agents[0].state.link = Link::Hidden;
    assert_eq!(next(&desk), Some(later(20)));
}

#[test]
fn what_is_over_is_over() {
    let mut entry = waiting(1);
    entry.excluded = vec![Exclusion { agent: AgentId(1), until: later(30) }];
    let desk = Desk::new(vec![agent(1, "Kim Lee")], vec![entry]);
    assert_eq!(assignments(&decide(&desk.board(), &desk.policy, NOW)), []);
    assert_eq!(assignments(&decide(&desk.board(), &desk.policy, later(30))), [(1, 1)]);
}

#[test]
fn nothing_is_due_where_nothing_waits_or_nobody_can_come() {
    let mut desk = Desk::new(vec![agent(1, "Kim Lee")], vec![]);
    assert_eq!(next(&desk), None);
    desk.waiting.push(waiting(1));
    desk.agents[0].state = State::new(NOW);
    assert_eq!(next(&desk), None);
    desk.agents[0] = agent(1, "Kim Lee");
    desk.policy = Policy { desk_mode_manual: true, ..Policy::default() };
    assert_eq!(next(&desk), None);
}
