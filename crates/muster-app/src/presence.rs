//! Presence: who is there, proven by leases, and what everybody is shown.
//!
//! Every change goes through `shift`, which saves the state, keeps the intervals that reports are made from, and says
//! what follows for the agent's open work. What people wish for themselves and of each other is in `wishes`, what desk
//! programs do in `desk`, service to customers in `service`, and writing up in `wrap_up`.

mod desk;
mod service;
mod wishes;
mod wrap_up;

use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::agent::{Mode, Profile};
use muster_core::event::{Event, UnassignedWhy};
use muster_core::id::AgentId;
use muster_core::presence::{Change, Intent, LeaseKind, Link, REST_LEASE, SOCKET_LEASE, Shown, State};
use muster_core::{Entity, Error, Result, Timestamp};
use muster_store::presence::{Interval, Lease};
use muster_store::{agents, presence, timers};

use crate::release::release_open_work;
use crate::timers::RETURN_AFTER;
use crate::{App, Work};

pub(crate) use desk::{Seat, end_desk, leave_desk, sit_down};
pub use wishes::OwnStatus;
pub(crate) use wishes::{declare, forget_sign_in, show_sign_in, wish_for_oneself};
pub(crate) use wrap_up::{begin_wrap_up, end_wrap_up};

/// How long a sign-in of a desk program holds.
const DESK_LEASE: Duration = Duration::from_secs(12 * 3600);
/// Leases worked off in one round.
const BATCH: i64 = 100;
/// What a proof by a single request is held as.
const REST: &str = "rest";

/// How long a proof of this kind holds.
const fn life(kind: LeaseKind) -> Duration {
    match kind {
        LeaseKind::Socket => SOCKET_LEASE,
        LeaseKind::Rest => REST_LEASE,
        LeaseKind::DeskApi => DESK_LEASE,
    }
}

impl App {
    /// Takes a request of the calling agent as proof of presence, held by `holder` (one socket, say). Writes only when
    /// a third of the lease has run, so it may be called at every ping. `from_hidden`: a new sign-in or socket, which
    /// also brings back an agent who has hidden.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the caller isn't a usable agent.
    pub async fn prove_presence(
        &self,
        caller: &Caller,
        holder: &str,
        kind: LeaseKind,
        from_hidden: bool,
    ) -> Result<()> {
        let agent = caller.actor.agent()?.id;
        let holder: Arc<str> = held_under(caller, holder).into();
        if !from_hidden && !self.is_renewal_due(agent, Arc::clone(&holder), kind).await? {
            return Ok(());
        }
        self.write_in_reserve(caller, move |work| {
            let holder = holder.to_string();
            Box::pin(async move {
                let mut profile = lock_own(work, agent).await?;
                if kind == LeaseKind::Socket {
                    agents::save_last_active(work.tx, agent, work.now).await?;
                }
                let is_event = prove(work, &mut profile, holder, kind, from_hidden).await?;
                if !is_event {
                    work.tx.keep_quiet();
                }
                Ok(())
            })
        })
        .await
    }

    /// Renews the lease of a proof by request that was made under the caller's credential and still holds. Without one
    /// nothing happens: to call is no proof for whoever has given none.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the caller isn't a usable agent.
    pub(crate) async fn renew_rest_lease(&self, caller: &Caller) -> Result<()> {
        let (agent, now) = (caller.actor.agent()?.id, self.now());
        let holder: Arc<str> = held_under(caller, REST).into();
        let holds = self.read(move |tx| {
            let holder = Arc::clone(&holder);
            Box::pin(async move {
                let leases = presence::leases(tx, agent).await?;
                Ok(leases.iter().any(|lease| *lease.holder == *holder && lease.until > now))
            })
        });
        if holds.await? { self.prove_presence(caller, REST, LeaseKind::Rest, false).await } else { Ok(()) }
    }

    async fn is_renewal_due(&self, agent: AgentId, holder: Arc<str>, kind: LeaseKind) -> Result<bool> {
        let now = self.now();
        self.read(move |tx| {
            let holder = Arc::clone(&holder);
            Box::pin(async move {
                let state = agents::find_state(tx, agent).await?.ok_or(Error::NotFound(Entity::Agent))?;
                if state.link == Link::Hidden {
                    return Ok(false);
                }
                let leases = presence::leases(tx, agent).await?;
                let lease = leases.iter().find(|lease| *lease.holder == *holder);
                let left = lease.map_or(Duration::ZERO, |lease| lease.until.since(now));
                Ok(!state.is_live(now) || left * 3 < life(kind) * 2)
            })
        })
        .await
    }

    /// Ends the presence of agents whose last lease has run out by `now`, and what somebody else had said of them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn expire_leases(&self, now: Timestamp) -> Result<()> {
        loop {
            let expired = self.read(move |tx| Box::pin(presence::expired(tx, now, BATCH))).await?;
            if expired.is_empty() {
                return Ok(());
            }
            for agent in expired {
                self.write_in_reserve(&Caller::system(), move |work| Box::pin(expire(work, agent, now))).await?;
            }
        }
    }
}

/// The name a lease is held under: the credential, then what it opened.
fn held_under(caller: &Caller, holder: &str) -> String {
    format!("{}/{holder}", caller.credential.as_deref().unwrap_or("-"))
}

async fn lock_own(work: &mut Work<'_>, agent: AgentId) -> Result<Profile> {
    let profile = agents::lock_profiles(work.tx, &[agent]).await?.pop();
    profile.filter(|profile| profile.agent.is_usable()).ok_or(Error::Unauthenticated)
}

/// Renews a lease. Tells whether that was an event.
async fn prove(
    work: &mut Work<'_>,
    profile: &mut Profile,
    holder: String,
    kind: LeaseKind,
    from_hidden: bool,
) -> Result<bool> {
    let until = work.now + life(kind);
    if profile.state.link == Link::Hidden && !from_hidden {
        return Ok(false);
    }
    presence::save_lease(work.tx, profile.agent.id, &Lease { holder, kind, until }).await?;
    shift(work, profile, &[Change::Proof { until, from_hidden }], "changed").await
}

async fn expire(work: &mut Work<'_>, agent: AgentId, now: Timestamp) -> Result<()> {
    let Some(mut profile) = agents::lock_profiles(work.tx, &[agent]).await?.pop() else { return Ok(()) };
    let state = &profile.state;
    if state.link == Link::Absent || state.lease_until.is_none_or(|until| until > now) {
        return Ok(());
    }
    let leases = presence::leases(work.tx, agent).await?;
    let last_proof = leases.iter().map(|lease| lease.until - life(lease.kind)).max().unwrap_or(now);
    presence::delete_leases(work.tx, agent).await?;
    presence::close_interval(work.tx, agent, last_proof, "lease_expired").await?;
    shift(work, &mut profile, &[Change::LinkLost], "lease_expired").await.map(drop)
}

/// Ends the proofs of presence that were made under a credential, and presence itself if they were the last.
pub(crate) async fn sign_out(work: &mut Work<'_>, profile: &mut Profile, credential: &str) -> Result<()> {
    let agent = profile.agent.id;
    let under = format!("{credential}/");
    let leases = presence::leases(work.tx, agent).await?;
    let (own, others): (Vec<_>, Vec<_>) = leases.into_iter().partition(|lease| lease.holder.starts_with(&under));
    if own.is_empty() {
        return Ok(());
    }
    for lease in &own {
        presence::delete_lease(work.tx, agent, &lease.holder).await?;
    }
    let gone = Change::AtDesk { mode: None, phone: None };
    let leaves_desk = own.iter().any(|lease| lease.kind == LeaseKind::DeskApi);
    rest_on(work, profile, &others, leaves_desk.then_some(gone), "signed_out").await
}

/// What becomes of presence when only these leases are left: it goes with the last, and otherwise `change` happens.
async fn rest_on(
    work: &mut Work<'_>,
    profile: &mut Profile,
    leases: &[Lease],
    change: Option<Change>,
    ended_by: &'static str,
) -> Result<()> {
    if profile.state.link != Link::Live {
        return Ok(());
    }
    let Some(until) = leases.iter().map(|lease| lease.until).filter(|until| *until > work.now).max() else {
        return shift(work, profile, &[Change::LinkLost], ended_by).await.map(drop);
    };
    profile.state.lease_until = Some(until);
    agents::save_state(work.tx, profile.agent.id, &profile.state).await?;
    shift(work, profile, change.as_slice(), ended_by).await.map(drop)
}

/// Ends presence because the account can't be used any more; `from` is what was shown before the flags moved. The open
/// work is the caller's to release.
pub(crate) async fn block(work: &mut Work<'_>, profile: &mut Profile, from: Shown) -> Result<()> {
    let before = profile.state.clone();
    let changed = profile.state.apply(&Change::Blocked, work.now);
    agents::save_state(work.tx, profile.agent.id, &profile.state).await?;
    if changed || from != profile.state.shown(&profile.agent, work.now) {
        follow(work, profile, &before, from, "blocked").await?;
    }
    timers::clear(work.tx, RETURN_AFTER, (Entity::Agent, profile.agent.id.0)).await
}

/// Applies changes to an agent whose row is locked. Tells whether a fact moved.
pub(crate) async fn shift(
    work: &mut Work<'_>,
    profile: &mut Profile,
    changes: &[Change],
    ended_by: &'static str,
) -> Result<bool> {
    let before = profile.state.clone();
    // What was recorded last: time alone may have changed what is shown since.
    let from = before.shown(&profile.agent, before.state_since);
    for change in changes {
        profile.state.apply(change, work.now);
    }
    let moved = profile.state.differs(&before, work.now);
    if !moved {
        profile.state.epoch = before.epoch;
        profile.state.state_since = before.state_since;
        if before != profile.state {
            agents::save_state(work.tx, profile.agent.id, &profile.state).await?;
        }
        return Ok(false);
    }
    agents::save_state(work.tx, profile.agent.id, &profile.state).await?;
    follow(work, profile, &before, from, ended_by).await?;
    watch_absence(work, profile, &before).await?;
    if profile.state.intent == Intent::Reassigning && before.intent != Intent::Reassigning {
        let name = profile.agent.name();
        release_open_work(work, profile.agent.id, &name, UnassignedWhy::Reassigning).await?;
    }
    Ok(true)
}

/// Keeps the intervals and records what is shown now.
async fn follow(
    work: &mut Work<'_>,
    profile: &Profile,
    before: &State,
    from: Shown,
    ended_by: &'static str,
) -> Result<()> {
    let (agent, state) = (profile.agent.id, &profile.state);
    let to = state.shown(&profile.agent, work.now);
    let interval = interval(state, to, work.now);
    if interval != self::interval(before, from, work.now) {
        presence::close_interval(work.tx, agent, work.now, ended_by).await?;
        if let Some(interval) = interval {
            presence::open_interval(work.tx, agent, &interval).await?;
        }
    }
    work.record(Event::PresenceChanged {
        agent,
        from: from.as_str().to_owned(),
        to: to.as_str().to_owned(),
        reason: state.pause_reason.clone(),
        lease_until: state.lease_until,
    });
    Ok(())
}

/// The interval that a state belongs to, as if it began now; `None` while nobody is there.
fn interval(state: &State, shown: Shown, now: Timestamp) -> Option<Interval> {
    state.is_live(now).then(|| Interval {
        state: shown.as_str(),
        mode: state.mode.map(Mode::as_str),
        reason: state.pause_reason.clone(),
        from: now,
    })
}

/// Waiting chats of an agent who isn't there any more go to others after a while; not if the agent is back by then.
async fn watch_absence(work: &mut Work<'_>, profile: &Profile, before: &State) -> Result<()> {
    let entity = (Entity::Agent, profile.agent.id.0);
    let (was_live, is_live) = (before.link == Link::Live, profile.state.link == Link::Live);
    if was_live && !is_live && profile.state.load > 0 {
        let due = work.now + work.settings().routing.return_after;
        timers::set(work.tx, RETURN_AFTER, entity, due).await
    } else if is_live && !was_live {
        timers::clear(work.tx, RETURN_AFTER, entity).await
    } else {
        Ok(())
    }
}
