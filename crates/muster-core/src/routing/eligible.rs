//! Who may be given what: the one definition. Each function is one line of it and has its own
//! reasons; sets of agents that pass a line are made by the same functions.

use super::{Candidate, Policy, Reason, TeamRules, Waiting};
use crate::agent::MembershipRole;
use crate::id::TeamId;
use crate::inbox::Medium;
use crate::presence::{Intent, Link};
use crate::skill::RequiredSkill;
use crate::time::Timestamp;

/// Judges whether `candidate` may be given the conversation at `now`. `team` are the rules of the
/// conversation's team.
///
/// # Errors
/// The first reason against it. What changes rarely is asked first, so that an absent stranger to
/// the team is told apart from an absent member.
pub fn eligible(
    candidate: &Candidate,
    waiting: &Waiting,
    team: Option<&TeamRules>,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), Reason> {
    account(candidate)?;
    membership(candidate, waiting.team, team)?;
    skills(candidate, &waiting.required_skills)?;
    channel(candidate, waiting.medium)?;
    there(candidate, policy, now)?;
    room(candidate, team, policy)?;
    if waiting.excludes(candidate.id, now) { Err(Reason::Excluded) } else { Ok(()) }
}

/// Judges whether `candidate` is there and takes work of this medium, whichever conversation it is
/// and whether or not there is room for it.
///
/// # Errors
/// The first reason against it.
pub fn able(candidate: &Candidate, medium: Medium, policy: &Policy, now: Timestamp) -> Result<(), Reason> {
    account(candidate)?;
    channel(candidate, medium)?;
    there(candidate, policy, now)
}

/// Judges whether `candidate` may hold one more open conversation, by the own limit and by the
/// one in the conversation's team. Whoever isn't in that team has no limit in it.
///
/// # Errors
/// [`Reason::Full`], [`Reason::FullInTeam`].
pub fn room(candidate: &Candidate, team: Option<&TeamRules>, policy: &Policy) -> Result<(), Reason> {
    if is_full(candidate, policy) {
        Err(Reason::Full)
    } else if team.is_some_and(|team| is_full_in(candidate, team)) {
        Err(Reason::FullInTeam)
    } else {
        Ok(())
    }
}

pub(super) fn is_full(candidate: &Candidate, policy: &Policy) -> bool {
    candidate.state.load >= candidate.capacity.unwrap_or(policy.default_capacity)
}

fn is_full_in(candidate: &Candidate, team: &TeamRules) -> bool {
    candidate.seat(team.id).is_some_and(|seat| team.cap(seat).is_some_and(|cap| seat.load >= cap))
}

pub(super) fn account(candidate: &Candidate) -> Result<(), Reason> {
    match candidate {
        Candidate { deleted: true, .. } => Err(Reason::Gone),
        Candidate { enabled: false, .. } => Err(Reason::Disabled),
        Candidate { locked: true, .. } => Err(Reason::Locked),
        Candidate { serves: false, .. } => Err(Reason::NotServing),
        Candidate { answers: false, .. } => Err(Reason::MayNotReply),
        _ => Ok(()),
    }
}

pub(super) fn membership(candidate: &Candidate, team: Option<TeamId>, rules: Option<&TeamRules>) -> Result<(), Reason> {
    let Some(team) = team else {
        return if candidate.reads_unassigned { Ok(()) } else { Err(Reason::NotMember) };
    };
    if !rules.is_some_and(|rules| rules.open) {
        return Err(Reason::TeamClosed);
    }
    match candidate.seat(team).map(|seat| seat.role) {
        None => Err(Reason::NotMember),
        Some(MembershipRole::Analyst) => Err(Reason::Analyst),
        Some(MembershipRole::Agent | MembershipRole::Manager) => Ok(()),
    }
}

fn skills(candidate: &Candidate, required: &[RequiredSkill]) -> Result<(), Reason> {
    let holds = |asked: &RequiredSkill| candidate.levels.get(&asked.skill).is_some_and(|level| meets(*level, asked));
    match required.iter().find(|asked| !holds(asked)) {
        Some(missing) => Err(Reason::Skill(missing.skill)),
        None => Ok(()),
    }
}

/// Whether an effective level suffices.
pub(super) const fn meets(level: u8, asked: &RequiredSkill) -> bool {
    level >= asked.level
}

pub(super) fn channel(candidate: &Candidate, medium: Medium) -> Result<(), Reason> {
    let allowed = match medium {
        Medium::Chat | Medium::Email | Medium::Api => candidate.channels.allow_text(candidate.state.mode),
    };
    if allowed { Ok(()) } else { Err(Reason::Channel) }
}

/// Wants work, and is there to do it.
pub(super) fn there(candidate: &Candidate, policy: &Policy, now: Timestamp) -> Result<(), Reason> {
    let state = &candidate.state;
    let running = state.lease_until.is_some_and(|until| until > now);
    match state.intent {
        Intent::Paused => return Err(Reason::Paused),
        Intent::Reassigning => return Err(Reason::Reassigning),
        Intent::Ready => {}
    }
    match state.link {
        Link::Live if running => {}
        Link::Declared if running && policy.trust_declared => {}
        Link::Declared if running => return Err(Reason::DeclaredOnly),
        Link::Live | Link::Declared | Link::Absent | Link::Hidden => return Err(Reason::Absent),
    }
    if state.wrap_up_until.is_some_and(|until| until > now) {
        return Err(Reason::WrapUp);
    }
    if state.idle && !policy.idle_is_present { Err(Reason::Idle) } else { Ok(()) }
}
