//! Room for one more open conversation: one gate for the router, for taking and for giving.

use muster_core::agent::Profile;
use muster_core::conversation::Effects;
use muster_core::id::AgentId;
use muster_core::routing::{Candidate, TeamRules, room};
use muster_core::{Refusal, Result};
use muster_store::agents;

use crate::Work;

/// Whether presence has to be proven at the moment of the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Needed,
    NotAsked,
}

/// Takes a slot of the locked agent, and a seat in the conversation's team if they are in it. False if
/// there is no room, or if `epoch` is no longer the agent's.
pub(crate) async fn take(
    work: &mut Work<'_>,
    profile: &Profile,
    team: Option<&TeamRules>,
    epoch: i64,
    presence: Presence,
) -> Result<bool> {
    let policy = work.settings().routing.policy();
    let candidate = Candidate::from_profile(profile);
    if room(&candidate, team, &policy).is_err() {
        return Ok(false);
    }
    let capacity = candidate.capacity.unwrap_or(policy.default_capacity);
    let need_live = presence == Presence::Needed;
    if !agents::claim_slot(work.tx, candidate.id, epoch, capacity, work.now, need_live).await? {
        return Ok(false);
    }
    match team.and_then(|team| candidate.seat(team.id).map(|seat| (team, seat))) {
        Some((team, seat)) => agents::claim_seat(work.tx, candidate.id, team.id, team.cap(seat)).await,
        None => Ok(true),
    }
}

/// [`take`] by a person, whom presence and epoch don't concern.
///
/// # Errors
/// [`Refusal::AtCapacity`].
pub(crate) async fn require(work: &mut Work<'_>, profile: &Profile, team: Option<&TeamRules>) -> Result<()> {
    if take(work, profile, team, profile.state.epoch, Presence::NotAsked).await? {
        Ok(())
    } else {
        Err(Refusal::AtCapacity(profile.agent.id).into())
    }
}

/// What is left to store of an assignment whose slot has been taken already.
pub(crate) fn without_slot(mut effects: Effects, agent: AgentId) -> Effects {
    effects.load.retain(|change| change.agent != agent || change.by < 0);
    effects
}
