//! Presence by way of desk programs: in a mode, reached at a telephone.

use muster_core::agent::{Mode, Profile};
use muster_core::id::AgentId;
use muster_core::presence::{Change, LeaseKind};
use muster_core::{Entity, Refusal, Result};
use muster_store::presence::Lease;
use muster_store::{agents, presence, timers};

use super::{DESK_LEASE, held_under, rest_on, shift};
use crate::Work;
use crate::timers::DESK_OVER;

/// How somebody takes up work at a desk program.
#[derive(Debug)]
pub(crate) struct Seat {
    /// `None`: the first that the agent's channels permit.
    pub(crate) mode: Option<Mode>,
    /// Not to be given work yet, for a reason that has been checked; `None`: ready.
    pub(crate) paused: Option<Option<String>>,
    pub(crate) phone: Option<String>,
}

/// Has an agent whose row is locked be there at a desk program.
///
/// # Errors
/// [`Refusal::ModeNotPermitted`], [`Refusal::AlreadyPresent`], [`Refusal::PhoneInUse`].
pub(crate) async fn sit_down(work: &mut Work<'_>, profile: &mut Profile, seat: &Seat) -> Result<()> {
    let (agent, until) = (profile.agent.id, work.now + DESK_LEASE);
    let channels = profile.agent.channels;
    let mode = seat.mode.filter(|mode| channels.permit(*mode));
    let mode = if seat.mode.is_none() { channels.first_permitted() } else { mode };
    let mode = mode.ok_or(Refusal::ModeNotPermitted)?;
    if is_at_desk(work, profile).await? {
        return Err(Refusal::AlreadyPresent(agent).into());
    }
    check_phone(work, profile, seat.phone.as_deref()).await?;
    let lease = Lease { holder: held_under(work.caller, "desk"), kind: LeaseKind::DeskApi, until };
    presence::save_lease(work.tx, agent, &lease).await?;
    timers::set(work.tx, DESK_OVER, (Entity::Agent, agent.0), until).await?;
    let mut changes = vec![Change::Proof { until, from_hidden: true }, Change::Resume];
    changes.extend(seat.paused.clone().map(|reason| Change::Pause { reason }));
    changes.push(Change::AtDesk { mode: Some(mode), phone: seat.phone.clone() });
    shift(work, profile, &changes, "changed").await.map(drop)
}

/// Ends the sign-in at desk programs of an agent whose row is locked, and presence itself if nothing else proves it.
/// False if there was none.
pub(crate) async fn leave_desk(work: &mut Work<'_>, profile: &mut Profile, ended_by: &'static str) -> Result<bool> {
    if !is_at_desk(work, profile).await? {
        return Ok(false);
    }
    let agent = profile.agent.id;
    presence::delete_leases_of_kind(work.tx, agent, LeaseKind::DeskApi).await?;
    let others = presence::leases(work.tx, agent).await?;
    let gone = Change::AtDesk { mode: None, phone: None };
    rest_on(work, profile, &others, Some(gone), ended_by).await?;
    Ok(true)
}

/// A sign-in at a desk program has run out. Whoever is there by other means works in no mode any more.
pub(crate) async fn end_desk(work: &mut Work<'_>, agent: AgentId) -> Result<()> {
    let Some(mut profile) = agents::lock_profiles(work.tx, &[agent]).await?.pop() else { return Ok(()) };
    if is_at_desk(work, &profile).await? {
        return Ok(());
    }
    let gone = Change::AtDesk { mode: None, phone: None };
    shift(work, &mut profile, &[gone], "lease_expired").await.map(drop)
}

async fn is_at_desk(work: &mut Work<'_>, profile: &Profile) -> Result<bool> {
    let leases = presence::leases(work.tx, profile.agent.id).await?;
    Ok(leases.iter().any(|lease| lease.kind == LeaseKind::DeskApi && lease.until > work.now))
}

/// Refuses a telephone at which somebody else is reached. Waits for everybody else who is about to be.
async fn check_phone(work: &mut Work<'_>, profile: &Profile, phone: Option<&str>) -> Result<()> {
    let Some(phone) = phone else { return Ok(()) };
    agents::lock_phones(work.tx).await?;
    match agents::reached_at(work.tx, phone, profile.agent.id, work.now).await? {
        Some(login) => Err(Refusal::PhoneInUse(login).into()),
        None => Ok(()),
    }
}
