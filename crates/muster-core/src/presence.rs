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
/// How long an agent is shown who signed in with a credential that proves nothing by itself.
pub const SIGN_IN_SHOWN_FOR: Duration = Duration::from_secs(5 * 60);

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
    /// What the agent says of themselves. Stays whatever the intent, until it is replaced.
    pub pause_note: Option<String>,
    pub link: Link,
    /// Latest of all leases; for [`Link::Declared`] the end of what is shown.
    pub lease_until: Option<Timestamp>,
    pub idle: bool,
    /// "Busy" of other products: shown only.
    pub dnd: bool,
    /// The mode of the present sign-in at a desk program; `None`: there by means that know no modes.
    pub mode: Option<Mode>,
    /// Where the present sign-in at a desk program reaches the agent.
    pub phone: Option<String>,
    pub wrap_up_until: Option<Timestamp>,
    /// Open conversations held, plus live offers.
    pub load: u16,
    pub last_assigned_at: Option<Timestamp>,
    /// Since when intent, link, idleness, mode and wrap-up are as they are.
    pub state_since: Timestamp,
    /// Whose word a [`Link::Declared`] is; `None`: the agent's own, by signing in.
    pub declared_by: Option<AgentId>,
}

/// What is shown of an agent, in the desk's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shown {
    Blocked,
    Reassigning,
    Paused,
    Offline,
    /// Not proven: somebody else's word, or a sign-in, shown until it runs out; idle or not.
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
            phone: None,
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
                if self.is_in_wrap_up(now) {
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

    /// Whether the agent is writing up the last conversation, at the desk or away from it.
    #[must_use]
    pub fn is_in_wrap_up(&self, now: Timestamp) -> bool {
        self.wrap_up_until.is_some_and(|until| until > now)
    }

    /// Whether a fact is another one than `before`, besides the length of a lease that was running already.
    #[must_use]
    pub fn differs(&self, before: &Self, now: Timestamp) -> bool {
        self.stand(now) != before.stand(now) || self.remarks() != before.remarks()
    }

    /// Applies one event of the state machine. Returns whether a fact changed ([`Self::differs`]); then the epoch was
    /// raised if eligibility can have gone.
    pub fn apply(&mut self, change: &Change, now: Timestamp) -> bool {
        let before = self.clone();
        self.move_facts(change, now);
        if self.stand(now) != before.stand(now) {
            self.state_since = now;
        }
        if self.takes_away(&before) {
            self.epoch += 1;
        }
        self.differs(&before, now)
    }

    /// What the time in a state is counted by.
    fn stand(&self, now: Timestamp) -> impl PartialEq {
        let reason = self.pause_reason.clone();
        (self.intent, reason, self.link, self.is_live(now), self.idle, self.mode, self.wrap_up_until)
    }

    /// What is only shown or looked up.
    fn remarks(&self) -> impl PartialEq {
        (self.pause_note.clone(), self.dnd, self.phone.clone())
    }

    fn move_facts(&mut self, change: &Change, now: Timestamp) {
        match change {
            Change::Proof { until, from_hidden } => self.prove(*until, *from_hidden, now),
            Change::SignedIn => self.show_sign_in(now),
            Change::Idle => self.idle = self.idle || self.intent == Intent::Ready,
            Change::Active => self.idle = self.idle && self.intent != Intent::Ready,
            Change::Pause { reason } => {
                if self.intent != Intent::Paused {
                    self.intent = Intent::Paused;
                    self.pause_reason.clone_from(reason);
                }
            }
            Change::PauseFor { reason } => {
                self.intent = Intent::Paused;
                self.pause_reason.clone_from(reason);
            }
            Change::Resume => {
                self.set_ready();
                self.idle = false;
            }
            Change::Reassign => {
                self.set_ready();
                self.intent = Intent::Reassigning;
            }
            Change::Hide => self.drop_link(Link::Hidden),
            Change::Declared { by } => {
                if !self.is_live(now) && self.link != Link::Hidden {
                    self.link = Link::Declared;
                    self.lease_until = Some(now + DECLARED_FOR);
                    self.declared_by = Some(*by);
                }
            }
            Change::AtDesk { mode, phone } => {
                self.mode = *mode;
                self.phone.clone_from(phone);
            }
            Change::Busy(is_busy) => self.dnd = *is_busy,
            Change::Note(note) => self.pause_note.clone_from(note),
            Change::WrapUp { until } => self.wrap_up_until = self.wrap_up_until.max(Some(*until)),
            Change::WrapUpOver => self.wrap_up_until = self.wrap_up_until.filter(|until| *until > now),
            Change::LinkLost => self.drop_link(Link::Absent),
            Change::Blocked => {
                self.set_ready();
                self.idle = false;
                self.drop_link(Link::Absent);
            }
        }
    }

    fn prove(&mut self, until: Timestamp, from_hidden: bool, now: Timestamp) {
        if self.link != Link::Hidden || from_hidden {
            let running = self.is_live(now).then_some(self.lease_until).flatten();
            self.link = Link::Live;
            self.lease_until = running.max(Some(until));
            self.declared_by = None;
        }
    }

    fn show_sign_in(&mut self, now: Timestamp) {
        if !self.is_live(now) {
            let declared = self.lease_until.filter(|_| self.link == Link::Declared);
            self.drop_link(Link::Declared);
            self.lease_until = declared.max(Some(now + SIGN_IN_SHOWN_FOR));
            self.idle = false;
        }
    }

    fn set_ready(&mut self) {
        self.intent = Intent::Ready;
        self.pause_reason = None;
    }

    /// Ends what a proof of presence had brought.
    fn drop_link(&mut self, link: Link) {
        self.link = link;
        self.lease_until = None;
        self.declared_by = None;
        self.mode = None;
        self.phone = None;
    }

    fn takes_away(&self, before: &Self) -> bool {
        (before.intent == Intent::Ready && self.intent != Intent::Ready)
            || (before.link == Link::Live && self.link != Link::Live)
            || (!before.idle && self.idle)
            || before.mode != self.mode
            || self.wrap_up_until > before.wrap_up_until
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
    /// The agent signed in with a credential that proves nothing until it is used: shown for
    /// [`SIGN_IN_SHOWN_FOR`], a hidden agent too, and good for no work.
    SignedIn,
    Idle,
    Active,
    /// The same intent again changes nothing, the reason included.
    Pause {
        reason: Option<String>,
    },
    /// As [`Self::Pause`], and another reason takes the place of the one before.
    PauseFor {
        reason: Option<String>,
    },
    Resume,
    Reassign,
    /// Signed in but not to be seen. Leaves what the agent wants.
    Hide,
    /// Somebody else says the agent is there. Who has hidden stays hidden: else the next proof, from a socket that was
    /// never closed, would bring them back against their will.
    Declared {
        by: AgentId,
    },
    /// Works at a desk program in this mode, reached at this telephone; `None` once they don't.
    AtDesk {
        mode: Option<Mode>,
        phone: Option<String>,
    },
    /// Not to be disturbed, or no more. Shown only.
    Busy(bool),
    /// What the agent says of themselves.
    Note(Option<String>),
    /// Writes up a conversation that has ended; the longest counts.
    WrapUp {
        until: Timestamp,
    },
    /// Time to look whether the wrap-up is over.
    WrapUpOver,
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
        assert!(state.apply(&Change::Pause { reason: Some("Lunch".into()) }, NOW));
        assert!(!state.apply(&Change::Pause { reason: Some("Break".into()) }, NOW));
        assert_eq!(state.pause_reason.as_deref(), Some("Lunch"));
    }

    #[test]
    fn pausing_for_another_reason_begins_anew_and_takes_nothing_away() {
        let mut state = live();
        let pause = |reason: Option<&str>| Change::PauseFor { reason: reason.map(str::to_owned) };
        let later = NOW + Duration::from_secs(30);
        assert!(state.apply(&pause(Some("Lunch")), NOW));
        let epoch = state.epoch;
        assert!(!state.apply(&pause(Some("Lunch")), later));
        assert_eq!(state.state_since, NOW);
        for reason in [Some("Break"), None] {
            assert!(state.apply(&pause(reason), later));
            assert_eq!((state.pause_reason.as_deref(), state.state_since, state.epoch), (reason, later, epoch));
        }
    }

    #[test]
    fn idle_touches_only_a_ready_agent() {
        let mut state = live();
        state.apply(&Change::Pause { reason: None }, NOW);
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
            Change::Pause { reason: None },
            Change::Reassign,
            Change::Hide,
            Change::LinkLost,
            Change::Blocked,
            Change::Idle,
            Change::AtDesk { mode: Some(Mode::Inbound), phone: None },
            Change::WrapUp { until: NOW + REST_LEASE },
        ] {
            let mut state = live();
            let epoch = state.epoch;
            assert!(state.apply(&change, NOW), "{change:?}");
            assert_eq!(state.epoch, epoch + 1, "{change:?}");
        }
        let mut paused = live();
        paused.apply(&Change::Pause { reason: None }, NOW);
        let epoch = paused.epoch;
        assert!(paused.apply(&Change::Resume, NOW));
        assert_eq!(paused.epoch, epoch);
    }

    #[test]
    fn a_sign_in_is_shown_for_five_minutes_and_proves_nothing() {
        let mut state = State::new(NOW);
        state.apply(&Change::Idle, NOW);
        state.apply(&Change::Hide, NOW);
        assert!(state.apply(&Change::SignedIn, NOW));
        assert_eq!((state.link, state.declared_by, state.is_live(NOW)), (Link::Declared, None, false));
        assert_eq!(state.shown_if(true, NOW + SIGN_IN_SHOWN_FOR), Shown::Offline);
        let just_before = NOW + (SIGN_IN_SHOWN_FOR - Duration::from_millis(1));
        assert_eq!(state.shown_if(true, just_before), Shown::Declared { idle: false });
        let mut state = State::new(NOW);
        state.apply(&Change::Declared { by: AgentId(1) }, NOW);
        state.apply(&Change::SignedIn, NOW);
        assert_eq!((state.declared_by, state.lease_until), (None, Some(NOW + SIGN_IN_SHOWN_FOR)));
        let mut state = live();
        assert!(!state.apply(&Change::SignedIn, NOW), "who is there is there already");
    }

    #[test]
    fn mode_and_telephone_go_with_the_link() {
        let at_desk = Change::AtDesk { mode: Some(Mode::Chat), phone: Some("+4930123".to_owned()) };
        for end in [Change::LinkLost, Change::Hide, Change::Blocked, Change::AtDesk { mode: None, phone: None }] {
            let mut state = live();
            assert!(state.apply(&at_desk, NOW) && !state.apply(&at_desk, NOW));
            assert!(state.apply(&end, NOW), "{end:?}");
            assert_eq!((state.mode, state.phone), (None, None), "{end:?}");
        }
    }

    #[test]
    fn remarks_are_changes_but_no_other_state() {
        let mut state = live();
        let (epoch, later) = (state.epoch, NOW + Duration::from_secs(1));
        for remark in [Change::Busy(true), Change::Note(Some("Back at two".to_owned()))] {
            assert!(state.apply(&remark, later) && !state.apply(&remark, later), "{remark:?}");
        }
        assert_eq!((state.epoch, state.state_since), (epoch, NOW));
        state.apply(&Change::Pause { reason: None }, later);
        state.apply(&Change::Resume, later);
        assert_eq!((state.pause_note.as_deref(), state.dnd), (Some("Back at two"), true), "whatever the intent");
    }

    #[test]
    fn the_longest_wrap_up_counts() {
        let mut state = live();
        let (short, long) = (NOW + Duration::from_secs(10), NOW + Duration::from_secs(30));
        assert!(state.apply(&Change::WrapUp { until: long }, NOW));
        assert!(!state.apply(&Change::WrapUp { until: short }, NOW));
        assert_eq!(state.shown_if(true, short), Shown::WrapUp);
        assert!(!state.apply(&Change::WrapUpOver, short));
        assert!(state.apply(&Change::WrapUpOver, long));
        assert_eq!((state.wrap_up_until, state.state_since), (None, long));
    }
}
