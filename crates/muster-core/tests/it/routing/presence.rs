//! Whatever happens to an agent's presence, the claim's guard notices, and only the agent's own doing makes them able.

use std::time::Duration;

use muster_core::Timestamp;
use muster_core::agent::Mode;
use muster_core::id::AgentId;
use muster_core::inbox::Medium;
use muster_core::presence::{Change, Link, REST_LEASE, SOCKET_LEASE, State};
use muster_core::routing::{Candidate, Policy, able};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::desk::{NOW, agent};

/// A change, of lengths counted from the instant at which it happens.
#[derive(Debug, Clone)]
enum Step {
    Plain(Change),
    Proof { life: Duration, from_hidden: bool },
    WrapUp(Duration),
}

impl Step {
    fn at(&self, now: Timestamp) -> Change {
        match self {
            Self::Plain(change) => change.clone(),
            Self::Proof { life, from_hidden } => Change::Proof { until: now + *life, from_hidden: *from_hidden },
            Self::WrapUp(length) => Change::WrapUp { until: now + *length },
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let plain = vec![
        Change::SignedIn,
        Change::Idle,
        Change::Active,
        Change::Resume,
        Change::Reassign,
        Change::Hide,
        Change::Declared { by: AgentId(2) },
        Change::WrapUpOver,
        Change::LinkLost,
        Change::Blocked,
        Change::Busy(true),
        Change::Busy(false),
        Change::Note(Some("Back at two".to_owned())),
        Change::Pause { reason: None },
        Change::Pause { reason: Some("Lunch".to_owned()) },
    ];
    let phone = option::of(Just("+4930123".to_owned()));
    prop_oneof![
        6 => select(plain).prop_map(Step::Plain),
        4 => (select(vec![SOCKET_LEASE, REST_LEASE]), any::<bool>())
            .prop_map(|(life, from_hidden)| Step::Proof { life, from_hidden }),
        1 => (1..60_u64).prop_map(|seconds| Step::WrapUp(Duration::from_secs(seconds))),
        2 => (option::of(select(Mode::ALL)), phone)
            .prop_map(|(mode, phone)| Step::Plain(Change::AtDesk { mode, phone })),
    ]
}

fn is_able(state: &State, now: Timestamp) -> bool {
    let candidate = Candidate { state: state.clone(), ..agent(1, "Kim Lee") };
    able(&candidate, Medium::Chat, &Policy::default(), now).is_ok()
}

/// What a state is but for the length of a lease and who spoke last.
fn gist(state: &State) -> State {
    State { lease_until: None, declared_by: None, ..state.clone() }
}

proptest! {
    #[test]
    fn what_takes_work_away_raises_the_epoch(steps in vec((step(), 0..120_u64), 1..24)) {
        let (mut state, mut now) = (State::new(NOW), NOW);
        for (step, pause) in steps {
            now = now + Duration::from_secs(pause);
            let (before, change) = (state.clone(), step.at(now));
            let changed = state.apply(&change, now);
            prop_assert!(state.epoch >= before.epoch);
            if is_able(&before, now) && !is_able(&state, now) {
                prop_assert!(state.epoch > before.epoch, "{:?}", change);
            }
            if !changed {
                prop_assert_eq!(gist(&state), gist(&before), "{:?}", change);
            }
        }
    }

    #[test]
    fn only_the_agents_own_doing_makes_them_able(steps in vec((step(), 0..120_u64), 1..24)) {
        let (mut state, mut now) = (State::new(NOW), NOW);
        for (step, pause) in steps {
            now = now + Duration::from_secs(pause);
            let was_live = state.is_live(now);
            let change = step.at(now);
            state.apply(&change, now);
            if state.is_live(now) && !was_live {
                prop_assert!(matches!(change, Change::Proof { .. }), "{:?}", change);
            }
            if matches!(state.link, Link::Absent | Link::Hidden) {
                prop_assert_eq!(state.lease_until, None);
            }
        }
    }
}
