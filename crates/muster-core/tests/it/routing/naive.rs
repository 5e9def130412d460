//! The rules once more, written as plainly as can be and without any of the router's own code.

use std::cmp::Reverse;

use muster_core::Timestamp;
use muster_core::agent::{Channel, MembershipRole, Mode};
use muster_core::id::AgentId;
use muster_core::presence::{Intent, Link};
use muster_core::routing::{Candidate, Waiting};

use super::desk::{Desk, NOW};

pub(crate) fn may_have(desk: &Desk, agent: &Candidate, waiting: &Waiting) -> bool {
    !agent.deleted
        && agent.enabled
        && !agent.locked
        && agent.serves
        && agent.answers
        && is_there(desk, agent)
        && is_set_to_text(agent)
        && is_in_the_team(desk, agent, waiting)
        && waiting.required_skills.iter().all(|asked| {
            let level = agent.levels.get(&asked.skill).copied().unwrap_or(0);
            level > 0 && level >= asked.level
        })
        && has_room(desk, agent, waiting)
        && !waiting.excluded.iter().any(|exclusion| exclusion.agent == agent.id && NOW < exclusion.until)
}

fn is_there(desk: &Desk, agent: &Candidate) -> bool {
    let state = &agent.state;
    let proven = state.link == Link::Live || (desk.policy.trust_declared && state.link == Link::Declared);
    let running = matches!(state.lease_until, Some(until) if NOW < until);
    let wrapping_up = matches!(state.wrap_up_until, Some(until) if NOW < until);
    let idle = state.idle && !desk.policy.idle_is_present;
    state.intent == Intent::Ready && proven && running && !wrapping_up && !idle
}

fn is_set_to_text(agent: &Candidate) -> bool {
    let chat = agent.channels.has(Channel::Chat);
    let blended_chat = agent.channels.has(Channel::Blended) && agent.channels.has(Channel::BlendedChat);
    match agent.state.mode {
        None => chat || blended_chat,
        Some(Mode::Chat) => chat,
        Some(Mode::Blended) => blended_chat,
        Some(_) => false,
    }
}

fn is_in_the_team(desk: &Desk, agent: &Candidate, waiting: &Waiting) -> bool {
    let Some(team) = waiting.team else { return agent.reads_unassigned };
    let open = desk.teams.iter().any(|rules| rules.id == team && rules.open);
    open && agent.memberships.iter().any(|seat| seat.team == team && seat.role != MembershipRole::Analyst)
}

fn has_room(desk: &Desk, agent: &Candidate, waiting: &Waiting) -> bool {
    let capacity = match agent.capacity {
        Some(capacity) => capacity,
        None => desk.policy.default_capacity,
    };
    let Some(team) = waiting.team else { return agent.state.load < capacity };
    let member_cap = desk.team(team).and_then(|rules| rules.member_cap);
    agent.state.load < capacity
        && agent
            .memberships
            .iter()
            .filter(|seat| seat.team == team)
            .all(|seat| seat.capacity.is_none_or(|cap| seat.load < cap) && member_cap.is_none_or(|cap| seat.load < cap))
}

/// Everybody who may have it, the one who gets it first.
pub(crate) fn candidates(desk: &Desk, waiting: &Waiting) -> Vec<AgentId> {
    let mut candidates: Vec<&Candidate> = desk.agents.iter().filter(|agent| may_have(desk, agent, waiting)).collect();
    candidates.sort_by_key(|agent| {
        let seat = agent.memberships.iter().find(|seat| Some(seat.team) == waiting.team);
        let lowest = waiting.required_skills.iter().map(|asked| agent.levels[&asked.skill]).min();
        (
            waiting.preferred_agent != Some(agent.id),
            agent.state.load,
            Reverse(lowest),
            seat.map(|seat| (seat.order, seat.assignment_count)),
            agent.state.last_assigned_at.map_or(i64::MIN, Timestamp::as_millis),
            agent.id,
        )
    });
    candidates.into_iter().map(|agent| agent.id).collect()
}
