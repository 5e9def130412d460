//! Presence: who is there, proven by leases, and what everybody is shown.
//!
//! Every change goes through [`shift`], which saves the state, keeps the intervals that reports are made from, and says
//! what follows for the agent's open work.

use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::agent::{Mode, Profile};
use muster_core::event::{Event, UnassignedWhy};
use muster_core::id::AgentId;
use muster_core::presence::{Change, Intent, LeaseKind, Link, REST_LEASE, SOCKET_LEASE, Shown, State, Wish};
use muster_core::{Entity, Error, Result, Timestamp};
use muster_store::presence::{Interval, Lease};
use muster_store::{agents, presence, timers};

use crate::release::release_open_work;
use crate::timers::RETURN_AFTER;
use crate::{App, Work};

/// How long a sign-in of a desk program holds.
const DESK_LEASE: Duration = Duration::from_secs(12 * 3600);
/// Leases worked off in one round.
const BATCH: i64 = 100;

/// How long a proof of this kind holds.
const fn life(kind: LeaseKind) -> Duration {
    match kind {
        LeaseKind::Socket => SOCKET_LEASE,
        LeaseKind::Rest => REST_LEASE,
        LeaseKind::DeskApi => DESK_LEASE,
    }
}

impl App {
    /// Does what the calling agent wishes to be shown as, and takes the call as proof of presence. An idle detector
    /// moves only agents who are ready.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the caller isn't a usable agent.
    pub async fn set_my_presence(&self, caller: &Caller, wish: Wish, by_idle_detector: bool) -> Result<Profile> {
        let agent = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                let mut profile = lock_own(work, agent).await?;
                if by_idle_detector {
                    detect(work, &mut profile, wish).await?;
                } else {
                    wish_for_oneself(work, &mut profile, wish).await?;
                }
                agents::profile(work.tx, agent).await
            })
        })
        .await
    }

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
        self.write(caller, move |work| {
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
                self.write(&Caller::system(), move |work| Box::pin(expire(work, agent, now))).await?;
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

/// An agent's own wish, with the proof of presence that it is.
pub(crate) async fn wish_for_oneself(work: &mut Work<'_>, profile: &mut Profile, wish: Wish) -> Result<()> {
    let proof = Change::Proof { until: work.now + REST_LEASE, from_hidden: true };
    let changes = match wish {
        Wish::Hidden => vec![Change::Hide],
        Wish::Ready => vec![proof, Change::Resume],
        Wish::Idle => vec![proof, Change::Idle],
        Wish::Paused => vec![proof, Change::Pause { reason: None, note: None }],
        Wish::Reassigning => vec![proof, Change::Reassign],
    };
    keep_rest_lease(work, profile, wish).await?;
    shift(work, profile, &changes, "changed").await.map(drop)
}

/// What an idle detector says of its agent.
async fn detect(work: &mut Work<'_>, profile: &mut Profile, wish: Wish) -> Result<()> {
    let state = &profile.state;
    if state.intent != Intent::Ready || state.link == Link::Hidden {
        return Ok(());
    }
    let proof = Change::Proof { until: work.now + REST_LEASE, from_hidden: false };
    let seen = if wish == Wish::Idle { Change::Idle } else { Change::Active };
    keep_rest_lease(work, profile, wish).await?;
    shift(work, profile, &[proof, seen], "changed").await.map(drop)
}

async fn keep_rest_lease(work: &mut Work<'_>, profile: &Profile, wish: Wish) -> Result<()> {
    let agent = profile.agent.id;
    if wish == Wish::Hidden {
        return presence::delete_leases(work.tx, agent).await;
    }
    let holder = held_under(work.caller, "rest");
    let lease = Lease { holder, kind: LeaseKind::Rest, until: work.now + REST_LEASE };
    presence::save_lease(work.tx, agent, &lease).await
}

/// What somebody else says of an agent: it moves what the agent is shown to want, and proves nothing.
pub(crate) async fn declare(work: &mut Work<'_>, profile: &mut Profile, wish: Wish, by: AgentId) -> Result<()> {
    let there = Change::Declared { by };
    let changes = match wish {
        Wish::Ready => vec![Change::Resume, there],
        Wish::Idle => vec![Change::Resume, Change::Idle, there],
        Wish::Paused => vec![Change::Pause { reason: None, note: None }],
        Wish::Reassigning => vec![Change::Reassign],
        Wish::Hidden => vec![Change::Hide],
    };
    if wish == Wish::Hidden {
        presence::delete_leases(work.tx, profile.agent.id).await?;
    }
    shift(work, profile, &changes, "declared").await.map(drop)
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
pub(crate) async fn sign_out(work: &mut Work<'_>, mut profile: Profile, credential: &str) -> Result<()> {
    let agent = profile.agent.id;
    let under = format!("{credential}/");
    let leases = presence::leases(work.tx, agent).await?;
    let (own, others): (Vec<_>, Vec<_>) = leases.into_iter().partition(|lease| lease.holder.starts_with(&under));
    for lease in &own {
        presence::delete_lease(work.tx, agent, &lease.holder).await?;
    }
    if own.is_empty() || profile.state.link != Link::Live {
        return Ok(());
    }
    match others.iter().map(|lease| lease.until).filter(|until| *until > work.now).max() {
        Some(until) => {
            profile.state.lease_until = Some(until);
            agents::save_state(work.tx, agent, &profile.state).await
        }
        None => shift(work, &mut profile, &[Change::LinkLost], "signed_out").await.map(drop),
    }
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
async fn shift(work: &mut Work<'_>, profile: &mut Profile, changes: &[Change], ended_by: &'static str) -> Result<bool> {
    let before = profile.state.clone();
    let from = before.shown(&profile.agent, work.now);
    let mut changed = false;
    for change in changes {
        changed |= profile.state.apply(change, work.now);
    }
    let moved = changed && facts(&before, work.now) != facts(&profile.state, work.now);
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

/// What makes a state another one.
fn facts(state: &State, now: Timestamp) -> impl PartialEq {
    let pause = (state.pause_reason.clone(), state.pause_note.clone());
    (state.intent, pause, state.link, state.is_live(now), state.idle, state.mode)
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
    presence::close_interval(work.tx, agent, work.now, ended_by).await?;
    if state.is_live(work.now) {
        let interval = Interval {
            state: to.as_str(),
            mode: state.mode.map(Mode::as_str),
            reason: state.pause_reason.clone(),
            from: work.now,
        };
        presence::open_interval(work.tx, agent, &interval).await?;
    }
    let is_told = from != to
        || before.link != state.link
        || before.is_live(work.now) != state.is_live(work.now)
        || before.pause_reason != state.pause_reason;
    if is_told {
        work.record(Event::PresenceChanged {
            agent,
            from: from.as_str().to_owned(),
            to: to.as_str().to_owned(),
            reason: state.pause_reason.clone(),
            lease_until: state.lease_until,
        });
    }
    Ok(())
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
