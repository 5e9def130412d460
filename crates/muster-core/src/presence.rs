//! Presence: one state machine over plain facts. What an agent wants (`intent`), what can be proven
//! (`link` with its lease), and what is shown, which is a pure function of both.
//!
//! Presence is proven, never declared: only the agent's own credential makes a lease. Anybody else
//! changes what is shown, not who is eligible.

use std::time::Duration;

use crate::agent::{Agent, Mode};
use crate::id::AgentId;
use crate::time::Timestamp;
use crate::word::words;

/// How long one proof of presence holds.
pub const SOCKET_LEASE: Duration = Duration::from_secs(90);
pub const REST_LEASE: Duration = Duration::from_secs(5 * 60);
/// How long somebody else's word is shown.
pub const DECLARED_FOR: Duration = Duration::from_secs(60);

words! {
    /// What the agent wants. Survives signing out.
    pub enum Intent { Ready = "ready", Paused = "paused", Reassigning = "reassigning" }
}

words! {
    /// What the desk can prove about the agent's being there.
    pub enum Link { Absent = "absent", Declared = "declared", Live = "live", Hidden = "hidden" }
}

words! {
    /// What kind of proof a lease rests on.
    pub enum LeaseKind { Socket = "socket", Rest = "rest", DeskApi = "desk_api" }
}

/// The hot row of an agent: presence, load and the epoch that guards claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Raised in the same transaction as every change that can take eligibility away.
    pub epoch: i64,
    pub intent: Intent,
    pub pause_reason: Option<String>,
    pub pause_note: Option<String>,
    pub link: Link,
    /// Latest of all leases; for [`Link::Declared`] the end of what is shown.
    pub lease_until: Option<Timestamp>,
    pub idle: bool,
    /// "Busy" of other products: shown only.
    pub dnd: bool,
    /// `None`: signed in by a desk that knows no modes.
    pub mode: Option<Mode>,
    pub wrap_up_until: Option<Timestamp>,
    /// Open conversations held, plus live offers.
    pub load: u16,
    pub last_assigned_at: Option<Timestamp>,
    pub state_since: Timestamp,
    pub declared_by: Option<AgentId>,
}

/// What is shown of an agent, in the desk's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shown {
    Blocked,
    Reassigning,
    Paused,
    Offline,
    /// Not proven: somebody else's word, shown until it runs out; idle or not.
    Declared {
        idle: bool,
    },
    WrapUp,
    Idle,
    Ready,
}

impl Shown {
    /// The word kept in intervals and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Reassigning => "reassigning",
            Self::Paused => "paused",
            Self::Offline => "offline",
            Self::Declared { .. } => "declared",
            Self::WrapUp => "wrap_up",
            Self::Idle => "idle",
            Self::Ready => "ready",
        }
    }
}

impl State {
    /// The state of a new agent.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            epoch: 1,
            intent: Intent::Ready,
            pause_reason: None,
            pause_note: None,
            link: Link::Absent,
            lease_until: None,
            idle: false,
            dnd: false,
            mode: None,
            wrap_up_until: None,
            load: 0,
            last_assigned_at: None,
            state_since: now,
            declared_by: None,
        }
    }

    /// Whether presence is proven right now.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.link == Link::Live && self.lease_until.is_some_and(|until| until > now)
    }

    #[must_use]
    pub fn shown(&self, agent: &Agent, now: Timestamp) -> Shown {
        self.shown_if(agent.is_usable(), now)
    }

    /// [`Self::shown`] of an account of which no more is known than whether it is usable.
    #[must_use]
    pub fn shown_if(&self, usable: bool, now: Timestamp) -> Shown {
        let running = self.lease_until.is_some_and(|until| until > now);
        match (self.intent, self.link) {
            _ if !usable => Shown::Blocked,
            (Intent::Reassigning, _) => Shown::Reassigning,
            (Intent::Paused, _) => Shown::Paused,
            (Intent::Ready, Link::Declared) if running => Shown::Declared { idle: self.idle },
            (Intent::Ready, Link::Live) if running => {
                if self.wrap_up_until.is_some_and(|until| until > now) {
                    Shown::WrapUp
                } else if self.idle {
                    Shown::Idle
                } else {
                    Shown::Ready
                }
            }
            (Intent::Ready, _) => Shown::Offline,
        }
    }

    /// Applies one event of the state machine. Returns whether a fact changed besides the length of
    /// a lease that was running already; then the epoch was raised if eligibility can have gone.
    pub fn apply(&mut self, change: &Change, now: Timestamp) -> bool {
        let before = self.clone();
        self.move_facts(change, now);
        let facts = |state: &Self| {
            (state.intent, state.pause_reason.clone(), state.pause_note.clone(), state.link, state.idle, state.mode)
        };
        let changed = facts(&before) != facts(self) || before.is_live(now) != self.is_live(now);
        if changed {
            self.state_since = now;
            if self.takes_away(&before) {
                self.epoch += 1;
            }
        }
        changed
    }

    fn move_facts(&mut self, change: &Change, now: Timestamp) {
        match change {
            Change::Proof { until, from_hidden } => {
                if self.link != Link::Hidden || *from_hidden {
                    let running = self.is_live(now).then_some(self.lease_until).flatten();
                    self.link = Link::Live;
                    self.lease_until = Some(running.map_or(*until, |lease| lease.max(*until)));
                    self.declared_by = None;
                }
            }
            Change::Idle => self.idle = self.idle || self.intent == Intent::Ready,
            Change::Active => self.idle = self.idle && self.intent != Intent::Ready,
            Change::Pause { reason, note } => {
                if self.intent != Intent::Paused {
                    self.intent = Intent::Paused;
                    self.pause_reason.clone_from(reason);
                    self.pause_note.clone_from(note);
                }
            }
            Change::Resume => {
                self.set_ready();
                self.idle = false;
            }
            Change::Reassign => {
                self.set_ready();
                self.intent = Intent::Reassigning;
            }
            Change::Hide => {
                self.set_ready();
                self.drop_link(Link::Hidden);
            }
            Change::Declared { by } => {
                if !self.is_live(now) && self.link != Link::Hidden {
                    self.link = Link::Declared;
                    self.lease_until = Some(now + DECLARED_FOR);
                    self.declared_by = Some(*by);
                }
            }
            Change::LinkLost => self.drop_link(Link::Absent),
            Change::Blocked => {
                self.set_ready();
                self.idle = false;
                self.drop_link(Link::Absent);
            }
        }
    }

    fn set_ready(&mut self) {
        self.intent = Intent::Ready;
        self.pause_reason = None;
        self.pause_note = None;
    }

    fn drop_link(&mut self, link: Link) {
        self.link = link;
        self.lease_until = None;
        self.declared_by = None;
        if link == Link::Absent {
            self.mode = None;
        }
    }

    fn takes_away(&self, before: &Self) -> bool {
        (before.intent == Intent::Ready && self.intent != Intent::Ready)
            || (before.link == Link::Live && self.link != Link::Live)
            || (!before.idle && self.idle)
            || before.mode != self.mode
    }
}

/// What somebody asks presence to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    Ready,
    /// Without input for a while.
    Idle,
    Paused,
    Reassigning,
    Hidden,
}

/// One event of the presence state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The agent's own credential proved presence until `until`. A hidden agent stays hidden unless
    /// the proof is a new sign-in or a new socket.
    Proof {
        until: Timestamp,
        from_hidden: bool,
    },
    Idle,
    Active,
    /// The same intent again changes nothing, the reason included.
    Pause {
        reason: Option<String>,
        note: Option<String>,
    },
    Resume,
    Reassign,
    Hide,
    /// Somebody else says the agent is there. Who has hidden stays hidden: else the next proof, from a socket that was
    /// never closed, would bring them back against their will.
    Declared {
        by: AgentId,
    },
    /// The last lease ran out, or the agent signed out.
    LinkLost,
    /// Disabled, locked or deleted.
    Blocked,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn live() -> State {
        let mut state = State::new(NOW);
        assert!(state.apply(&Change::Proof { until: NOW + SOCKET_LEASE, from_hidden: true }, NOW));
        state
    }

    #[test]
    fn renewing_a_lease_changes_no_fact() {
        let mut state = live();
        let epoch = state.epoch;
        let later = NOW + Duration::from_secs(30);
        assert!(!state.apply(&Change::Proof { until: later + SOCKET_LEASE, from_hidden: false }, later));
        assert_eq!((state.epoch, state.lease_until), (epoch, Some(later + SOCKET_LEASE)));
    }

    #[test]
    fn a_shorter_proof_never_shortens_a_lease() {
        let mut state = live();
        state.apply(&Change::Proof { until: NOW + Duration::from_secs(1), from_hidden: false }, NOW);
        assert_eq!(state.lease_until, Some(NOW + SOCKET_LEASE));
    }

    #[test]
    fn pausing_again_keeps_the_first_reason() {
        let mut state = live();
        assert!(state.apply(&Change::Pause { reason: Some("Lunch".into()), note: None }, NOW));
        assert!(!state.apply(&Change::Pause { reason: Some("Break".into()), note: None }, NOW));
        assert_eq!(state.pause_reason.as_deref(), Some("Lunch"));
    }

    #[test]
    fn idle_touches_only_a_ready_agent() {
        let mut state = live();
        state.apply(&Change::Pause { reason: None, note: None }, NOW);
        assert!(!state.apply(&Change::Idle, NOW));
    }

    #[test]
    fn hidden_stays_hidden_until_a_new_socket_opens() {
        let mut state = live();
        assert!(state.apply(&Change::Hide, NOW));
        assert!(!state.apply(&Change::Proof { until: NOW + SOCKET_LEASE, from_hidden: false }, NOW));
        assert!(state.apply(&Change::Proof { until: NOW + SOCKET_LEASE, from_hidden: true }, NOW));
        assert!(state.is_live(NOW));
    }

    #[test]
    fn another_ones_word_never_makes_an_agent_live() {
        let mut state = State::new(NOW);
        assert!(state.apply(&Change::Declared { by: AgentId(1) }, NOW));
        assert!(!state.is_live(NOW));
        let mut state = live();
        assert!(!state.apply(&Change::Declared { by: AgentId(1) }, NOW));
        state.apply(&Change::Hide, NOW);
        assert!(!state.apply(&Change::Declared { by: AgentId(1) }, NOW));
        assert_eq!(state.link, Link::Hidden);
    }

    #[test]
    fn what_can_take_eligibility_away_raises_the_epoch() {
        for change in [
            Change::Pause { reason: None, note: None },
            Change::Reassign,
            Change::Hide,
            Change::LinkLost,
            Change::Blocked,
            Change::Idle,
        ] {
            let mut state = live();
            let epoch = state.epoch;
            assert!(state.apply(&change, NOW), "{change:?}");
            assert_eq!(state.epoch, epoch + 1, "{change:?}");
        }
        let mut paused = live();
        paused.apply(&Change::Pause { reason: None, note: None }, NOW);
        let epoch = paused.epoch;
        assert!(paused.apply(&Change::Resume, NOW));
        assert_eq!(paused.epoch, epoch);
    }
}
