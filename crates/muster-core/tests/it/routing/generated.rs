//! Desks of all kinds, small enough for everything to meet everything.

use muster_core::agent::{Channel, Channels, MembershipRole, Mode};
use muster_core::id::{AgentId, ConversationId, SkillId, TeamId};
use muster_core::inbox::Medium;
use muster_core::presence::{Intent, Link, State};
use muster_core::routing::{Candidate, Exclusion, Policy, Reason, Reasons, Seat, TeamRules, Waiting};
use muster_core::skill::RequiredSkill;
use muster_core::team::TeamMode;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::desk::{Desk, NOW, earlier, later};
use muster_core::Timestamp;

const TEAMS: i64 = 3;
const AGENTS: i64 = 8;

/// True nearly always, so that a desk isn't all obstacles.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.93)
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.07)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![3 => (1..120_u64).prop_map(later), 1 => (0..120_u64).prop_map(earlier)]
}

fn skill() -> impl Strategy<Value = SkillId> {
    (1..=3_i64).prop_map(SkillId)
}

/// One of the desk's teams, or seldom one that it doesn't have.
fn team_id() -> impl Strategy<Value = TeamId> {
    prop_oneof![12 => (1..=TEAMS).prop_map(TeamId), 1 => Just(TeamId(TEAMS + 1))]
}

fn small_cap() -> impl Strategy<Value = Option<u16>> {
    option::weighted(0.4, 0..4_u16)
}

prop_compose! {
    fn channels()(switches in prop_oneof![
        8 => Just(vec![Channel::Chat]),
        2 => subsequence(vec![Channel::Inbound, Channel::Chat, Channel::Blended, Channel::BlendedChat], 0..=4),
    ]) -> Channels {
        switches.into_iter().fold(Channels::NONE, |all, switch| all.with(switch, true))
    }
}

prop_compose! {
    fn state()(
        intent in prop_oneof![12 => Just(Intent::Ready), 1 => Just(Intent::Paused), 1 => Just(Intent::Reassigning)],
        link in prop_oneof![10 => Just(Link::Live), 1 => Just(Link::Declared), 1 => Just(Link::Absent), 1 => Just(Link::Hidden)],
        lease in prop_oneof![8 => (1..120_u64).prop_map(|s| Some(later(s))), 1 => option::of(instant())],
        idle in rarely(),
        mode in prop_oneof![8 => Just(None), 2 => select(Mode::ALL).prop_map(Some)],
        wrap_up in option::weighted(0.1, instant()),
        load in 0..4_u16,
        last in option::of((0..5_u64).prop_map(earlier)),
    ) -> State {
        State {
            intent, link, lease_until: lease, idle, mode, wrap_up_until: wrap_up, load, last_assigned_at: last,
            ..State::new(NOW)
        }
    }
}

prop_compose! {
    fn seat()(
        team in team_id(),
        role in prop_oneof![8 => Just(MembershipRole::Agent), 1 => Just(MembershipRole::Manager), 1 => Just(MembershipRole::Analyst)],
        capacity in small_cap(),
        order in 0..2_i32,
        assignment_count in 0..3_i64,
        load in 0..3_u16,
    ) -> Seat {
        Seat { team, role, capacity, order, assignment_count, load }
    }
}

prop_compose! {
    fn candidate(id: i64)(
        (deleted, enabled, locked, serves, answers) in (rarely(), mostly(), rarely(), mostly(), mostly()),
        reads_unassigned in prop::bool::weighted(0.8),
        channels in channels(),
        capacity in option::weighted(0.8, 0..6_u16),
        state in state(),
        seats in btree_map(team_id(), seat(), 0..4),
        levels in btree_map(skill(), 1..=100_u8, 0..4),
    ) -> Candidate {
        let memberships = seats.into_iter().map(|(team, seat)| Seat { team, ..seat }).collect();
        Candidate {
            id: AgentId(id), name: format!("Agent {id}"), deleted, enabled, locked, serves, answers, reads_unassigned,
            channels, capacity, state, memberships, levels,
        }
    }
}

prop_compose! {
    fn rules(id: i64)(open in mostly(), manual in rarely(), member_cap in small_cap()) -> TeamRules {
        TeamRules { id: TeamId(id), open, mode: if manual { TeamMode::Manual } else { TeamMode::Auto }, member_cap }
    }
}

fn last_reasons() -> impl Strategy<Value = Option<Reasons>> {
    let reason = select(vec![Reason::Absent, Reason::Full, Reason::NotMember, Reason::Skill(SkillId(1))]);
    option::weighted(0.6, vec(reason, 0..3).prop_map(|reasons| reasons.into_iter().collect()))
}

prop_compose! {
    fn entry(id: i64)(
        team in option::weighted(0.8, team_id()),
        medium in select(Medium::ALL),
        rank in prop_oneof![1..=2_i64, Just(99)],
        queued in 0..4_u64,
        excluded in vec(((1..=AGENTS).prop_map(AgentId), instant()), 0..3),
        skills in prop_oneof![3 => Just(vec![]), 2 => vec((skill(), 1..=100_u8), 1..3)],
        preferred in option::weighted(0.3, (1..=AGENTS + 1).prop_map(AgentId)),
        last_reasons in last_reasons(),
    ) -> Waiting {
        Waiting {
            conversation: ConversationId(id), team, medium, rank, queued_at: earlier(queued),
            excluded: excluded.into_iter().map(|(agent, until)| Exclusion { agent, until }).collect(),
            required_skills: skills.into_iter().map(|(skill, level)| RequiredSkill { skill, level }).collect(),
            preferred_agent: preferred, last_reasons,
        }
    }
}

prop_compose! {
    fn policy()(default_capacity in 0..4_u16, idle_is_present: bool, trust_declared: bool, desk_mode_manual in rarely()) -> Policy {
        Policy { version: 1, default_capacity, idle_is_present, trust_declared, desk_mode_manual }
    }
}

/// Ids from 1 on, a few missing, in order.
fn ids(end: i64) -> impl Strategy<Value = Vec<i64>> {
    btree_set(1..=end, 0..=usize::try_from(end).unwrap()).prop_map(|ids| ids.into_iter().collect())
}

pub(crate) fn desk() -> impl Strategy<Value = Desk> {
    let agents = ids(AGENTS).prop_flat_map(|ids| ids.into_iter().map(candidate).collect::<Vec<_>>());
    let teams: Vec<_> = (1..=TEAMS).map(rules).collect();
    let waiting = ids(14).prop_flat_map(|ids| ids.into_iter().map(entry).collect::<Vec<_>>());
    (agents, teams, waiting, policy()).prop_map(|(agents, teams, waiting, policy)| Desk {
        agents,
        teams,
        waiting,
        policy,
    })
}

/// A desk, and the same with all its lists in another order.
pub(crate) fn desk_twice() -> impl Strategy<Value = (Desk, Desk)> {
    desk().prop_flat_map(|desk| {
        let lists = (
            Just(desk.agents.clone()).prop_shuffle(),
            Just(desk.teams.clone()).prop_shuffle(),
            Just(desk.waiting.clone()).prop_shuffle(),
        );
        lists.prop_map(move |(mut agents, teams, mut waiting)| {
            agents.iter_mut().for_each(|agent| agent.memberships.reverse());
            for entry in &mut waiting {
                entry.excluded.reverse();
                entry.required_skills.reverse();
            }
            (desk.clone(), Desk { agents, teams, waiting, policy: desk.policy.clone() })
        })
    })
}
