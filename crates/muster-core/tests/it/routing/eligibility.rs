//! One case for each reason: an agent who may have anything, with one thing changed.

use muster_core::agent::{Channel, Channels, MembershipRole, Mode};
use muster_core::id::AgentId;
use muster_core::inbox::Medium;
use muster_core::presence::{Intent, Link, State};
use muster_core::routing::{Candidate, Exclusion, Policy, Seat, TeamRules, Waiting, able, eligible, room};

use super::desk::{FRENCH, NOW, TEAM, agent, earlier, french, later, seat, team, waiting};

struct Case {
    agent: Candidate,
    waiting: Waiting,
    team: Option<TeamRules>,
    policy: Policy,
}

impl Case {
    fn verdict(&self) -> String {
        match eligible(&self.agent, &self.waiting, self.team.as_ref(), &self.policy, NOW) {
            Ok(()) => "eligible".to_owned(),
            Err(reason) => reason.to_string(),
        }
    }
}

fn with(change: impl FnOnce(&mut Case)) -> String {
    let mut case = Case {
        agent: agent(1, "Kim Lee"),
        waiting: waiting(1),
        team: Some(team(TEAM)),
        policy: Policy { default_capacity: 2, ..Policy::default() },
    };
    change(&mut case);
    case.verdict()
}

fn with_state(change: impl FnOnce(&mut State)) -> String {
    with(|case| change(&mut case.agent.state))
}

fn with_seat(change: impl FnOnce(&mut Seat)) -> String {
    with(|case| change(&mut case.agent.memberships[0]))
}

fn with_channels(channels: &[Channel], mode: Option<Mode>) -> String {
    with(|case| {
        case.agent.channels = channels.iter().fold(Channels::NONE, |all, channel| all.with(*channel, true));
        case.agent.state.mode = mode;
    })
}

#[test]
fn nothing_speaks_against_an_agent_who_is_there() {
    assert_eq!(with(|_| {}), "eligible");
}

#[test]
fn accounts_that_take_no_work() {
    assert_eq!(with(|case| case.agent.deleted = true), "gone");
    assert_eq!(with(|case| case.agent.enabled = false), "disabled");
    assert_eq!(with(|case| case.agent.locked = true), "locked");
    assert_eq!(with(|case| case.agent.serves = false), "not_serving");
    assert_eq!(with(|case| case.agent.answers = false), "may_not_reply");
}

#[test]
fn strangers_to_the_team() {
    assert_eq!(with(|case| case.agent.memberships.clear()), "not_member");
    assert_eq!(with_seat(|seat| seat.role = MembershipRole::Analyst), "analyst");
    assert_eq!(with_seat(|seat| seat.role = MembershipRole::Manager), "eligible");
    assert_eq!(with(|case| case.team = None), "team_closed");
    assert_eq!(with(|case| case.team = Some(TeamRules { open: false, ..team(TEAM) })), "team_closed");
}

#[test]
fn a_conversation_without_a_team_needs_the_right_to_read_it() {
    let without_team = |reads_unassigned| {
        with(|case| {
            case.waiting.team = None;
            case.team = None;
            case.agent.memberships.clear();
            case.agent.reads_unassigned = reads_unassigned;
        })
    };
    assert_eq!(without_team(false), "not_member");
    assert_eq!(without_team(true), "eligible");
    assert_eq!(with(|case| case.agent.reads_unassigned = false), "eligible");
}

#[test]
fn levels_below_what_is_asked() {
    let french = |held: Option<u8>, asked| {
        with(|case| {
            case.agent.levels.extend(held.map(|level| (FRENCH, level)));
            case.waiting.required_skills = french(asked);
        })
    };
    assert_eq!(french(None, 1), "skill:1");
    assert_eq!(french(Some(79), 80), "skill:1");
    assert_eq!(french(Some(80), 80), "eligible");
}

#[test]
fn channels_and_modes_without_text() {
    use Channel as C;
    let blended = [C::Blended, C::BlendedChat];
    assert_eq!(with_channels(&[], None), "channel");
    assert_eq!(with_channels(&[C::Inbound], None), "channel");
    assert_eq!(with_channels(&[C::Chat], None), "eligible");
    assert_eq!(with_channels(&[C::Blended], None), "channel");
    assert_eq!(with_channels(&blended, None), "eligible");
    assert_eq!(with_channels(&blended, Some(Mode::Chat)), "channel");
    assert_eq!(with_channels(&blended, Some(Mode::Blended)), "eligible");
    assert_eq!(with_channels(&[C::Chat], Some(Mode::Inbound)), "channel");
    for medium in Medium::ALL {
        assert_eq!(with(|case| (case.waiting.medium, case.agent.channels) = (*medium, Channels::NONE)), "channel");
    }
}

#[test]
fn those_who_want_no_work_now() {
    assert_eq!(with_state(|state| state.intent = Intent::Paused), "paused");
    assert_eq!(with_state(|state| state.intent = Intent::Reassigning), "reassigning");
    assert_eq!(with_state(|state| state.idle = true), "idle");
    assert_eq!(with_state(|state| state.wrap_up_until = Some(later(1))), "wrap_up");
    assert_eq!(with_state(|state| state.wrap_up_until = Some(NOW)), "eligible");
    let idle_is_present = with(|case| {
        case.policy.idle_is_present = true;
        case.agent.state.idle = true;
    });
    assert_eq!(idle_is_present, "eligible");
}

#[test]
fn those_who_are_not_proven_to_be_there() {
    assert_eq!(with_state(|state| *state = State::new(NOW)), "absent");
    assert_eq!(with_state(|state| state.link = Link::Hidden), "absent");
    assert_eq!(with_state(|state| state.lease_until = Some(NOW)), "absent");
    assert_eq!(with_state(|state| state.lease_until = Some(earlier(1))), "absent");
    assert_eq!(with_state(|state| state.lease_until = None), "absent");
    assert_eq!(with_state(|state| state.link = Link::Declared), "declared_only");
    let declared = |until| {
        with(|case| {
            case.policy.trust_declared = true;
            case.agent.state.link = Link::Declared;
            case.agent.state.lease_until = Some(until);
        })
    };
    assert_eq!(declared(later(1)), "eligible");
    assert_eq!(declared(NOW), "absent");
}

#[test]
fn no_room_by_the_own_limit() {
    let loaded = |capacity, load| {
        with(|case| {
            case.agent.capacity = capacity;
            case.agent.state.load = load;
        })
    };
    assert_eq!(loaded(Some(3), 2), "eligible");
    assert_eq!(loaded(Some(3), 3), "full");
    assert_eq!(loaded(Some(0), 0), "full");
    assert_eq!(loaded(None, 1), "eligible");
    assert_eq!(loaded(None, 2), "full");
}

#[test]
fn no_room_in_the_team_by_the_lower_of_two_limits() {
    let loaded = |own: Option<u16>, of_team: Option<u16>, load| {
        with(|case| {
            case.agent.memberships[0] = Seat { capacity: own, load, ..seat(TEAM) };
            case.team = Some(TeamRules { member_cap: of_team, ..team(TEAM) });
        })
    };
    assert_eq!(loaded(None, None, 500), "eligible");
    assert_eq!(loaded(Some(2), None, 2), "full_in_team");
    assert_eq!(loaded(None, Some(2), 2), "full_in_team");
    assert_eq!(loaded(Some(3), Some(2), 2), "full_in_team");
    assert_eq!(loaded(Some(2), Some(3), 2), "full_in_team");
    assert_eq!(loaded(Some(3), Some(3), 2), "eligible");
}

#[test]
fn a_running_exclusion() {
    let excluded = |agent, until| with(|case| case.waiting.excluded.push(Exclusion { agent: AgentId(agent), until }));
    assert_eq!(excluded(1, later(1)), "excluded");
    assert_eq!(excluded(1, NOW), "eligible");
    assert_eq!(excluded(2, later(1)), "eligible");
}

#[test]
fn what_changes_rarely_is_named_first() {
    let stranger = with(|case| {
        case.agent.memberships.clear();
        case.agent.state = State::new(NOW);
    });
    assert_eq!(stranger, "not_member");
    let signed_out_in_a_pause = with_state(|state| {
        state.intent = Intent::Paused;
        state.link = Link::Absent;
    });
    assert_eq!(signed_out_in_a_pause, "paused");
    let full_and_away = with_state(|state| {
        state.load = 9;
        state.lease_until = None;
    });
    assert_eq!(full_and_away, "absent");
}

#[test]
fn being_able_asks_neither_for_a_conversation_nor_for_room() {
    let policy = Policy::default();
    let mut kim = agent(1, "Kim Lee");
    kim.state.load = 99;
    kim.memberships.clear();
    assert_eq!(able(&kim, Medium::Chat, &policy, NOW), Ok(()));
    kim.state.intent = Intent::Paused;
    assert_eq!(able(&kim, Medium::Chat, &policy, NOW).unwrap_err().to_string(), "paused");
    kim.channels = Channels::NONE;
    assert_eq!(able(&kim, Medium::Chat, &policy, NOW).unwrap_err().to_string(), "channel");
}

#[test]
fn room_in_a_team_is_asked_of_its_members_only() {
    let rules = TeamRules { member_cap: Some(0), ..team(TEAM) };
    let mut kim = agent(1, "Kim Lee");
    assert!(room(&kim, None, &Policy::default()).is_ok());
    assert!(room(&kim, Some(&rules), &Policy::default()).is_err());
    kim.memberships.clear();
    assert!(room(&kim, Some(&rules), &Policy::default()).is_ok());
}
