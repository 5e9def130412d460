//! What people wish to be shown as, and what they say of each other.

use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::id::AgentId;
use muster_core::presence::{Change, Intent, LeaseKind, Link, REST_LEASE, Wish};
use muster_core::{Result, text};
use muster_store::presence::Lease;
use muster_store::{agents, presence};

use super::{REST, held_under, lock_own, shift};
use crate::{App, Work};

/// Longest remark of an agent about themselves, in characters.
const NOTE_MAX: usize = 200;

/// A person's status, apart from whether they take work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnStatus {
    Online,
    /// Without input for a while.
    Away,
    /// Online and not to be disturbed; that is shown only.
    Busy,
    Offline,
}

impl App {
    /// Does what the calling agent wishes to be shown as, and takes the call as proof of presence. An idle detector
    /// moves only agents who are ready.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] if the caller isn't a usable agent.
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

    /// Pauses the calling agent, and takes the call as proof of presence. The reason, one of the configured ones or
    /// none, takes the place of one that the agent has paused for already.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] if the caller isn't a usable agent; [`muster_core::Error::Invalid`]
    /// `pause_reason`.
    pub async fn pause_myself(&self, caller: &Caller, reason: Option<&str>) -> Result<Profile> {
        let agent = caller.actor.agent()?.id;
        let reason = reason.map(|reason| self.settings().presence.reason(reason)).transpose()?;
        self.write(caller, move |work| {
            let pause = Change::PauseFor { reason: reason.clone() };
            Box::pin(async move {
                let mut profile = lock_own(work, agent).await?;
                let proof = Change::Proof { until: work.now + REST_LEASE, from_hidden: true };
                keep_rest_lease(work, &profile, true).await?;
                shift(work, &mut profile, &[proof, pause], "changed").await?;
                agents::profile(work.tx, agent).await
            })
        })
        .await
    }

    /// Sets the calling agent's status, and takes the call as proof of presence unless they wish to be offline. What
    /// the agent wants to work on stays. `note` is what they say of themselves, up to 200 characters, kept whatever the
    /// status; empty takes it away, `None` leaves it.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] if the caller isn't a usable agent; [`muster_core::Error::Invalid`]
    /// `note`.
    pub async fn set_my_status(&self, caller: &Caller, status: OwnStatus, note: Option<String>) -> Result<Profile> {
        let agent = caller.actor.agent()?.id;
        let note = note.map(|note| text::bounded("note", &note, 0, NOTE_MAX)).transpose()?;
        self.write(caller, move |work| {
            let note = note.clone();
            Box::pin(async move {
                let mut profile = lock_own(work, agent).await?;
                set_status(work, &mut profile, status, note).await?;
                agents::profile(work.tx, agent).await
            })
        })
        .await
    }

    /// Sets what the calling agent says of themselves, up to 200 characters; empty takes it away. That proves nothing
    /// and changes nothing else.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] if the caller isn't a usable agent; [`muster_core::Error::Invalid`]
    /// `note`.
    pub async fn set_my_note(&self, caller: &Caller, note: &str) -> Result<Profile> {
        let agent = caller.actor.agent()?.id;
        let note = text::bounded("note", note, 0, NOTE_MAX)?;
        self.write(caller, move |work| {
            let note = Some(note.clone()).filter(|note| !note.is_empty());
            Box::pin(async move {
                let mut profile = lock_own(work, agent).await?;
                shift(work, &mut profile, &[Change::Note(note)], "changed").await?;
                agents::profile(work.tx, agent).await
            })
        })
        .await
    }
}

async fn set_status(work: &mut Work<'_>, profile: &mut Profile, status: OwnStatus, note: Option<String>) -> Result<()> {
    let proof = Change::Proof { until: work.now + REST_LEASE, from_hidden: true };
    let mut changes = match status {
        OwnStatus::Online | OwnStatus::Busy => vec![proof, Change::Active],
        OwnStatus::Away => vec![proof, Change::Idle],
        OwnStatus::Offline => vec![Change::Hide],
    };
    changes.push(Change::Busy(status == OwnStatus::Busy));
    changes.extend(note.map(|note| Change::Note(Some(note).filter(|note| !note.is_empty()))));
    keep_rest_lease(work, profile, status != OwnStatus::Offline).await?;
    shift(work, profile, &changes, "changed").await.map(drop)
}

/// An agent's own wish, with the proof of presence that it is.
pub(crate) async fn wish_for_oneself(work: &mut Work<'_>, profile: &mut Profile, wish: Wish) -> Result<()> {
    let proof = Change::Proof { until: work.now + REST_LEASE, from_hidden: true };
    let changes = match wish {
        Wish::Hidden => vec![Change::Resume, Change::Hide],
        Wish::Ready => vec![proof, Change::Resume],
        Wish::Idle => vec![proof, Change::Idle],
        Wish::Paused => vec![proof, Change::Pause { reason: None }],
        Wish::Reassigning => vec![proof, Change::Reassign],
    };
    keep_rest_lease(work, profile, wish != Wish::Hidden).await?;
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
    keep_rest_lease(work, profile, wish != Wish::Hidden).await?;
    shift(work, profile, &[proof, seen], "changed").await.map(drop)
}

/// Keeps the proof that a request is, or ends every proof of an agent who isn't to be seen.
pub(super) async fn keep_rest_lease(work: &mut Work<'_>, profile: &Profile, is_proof: bool) -> Result<()> {
    let agent = profile.agent.id;
    if !is_proof {
        return presence::delete_leases(work.tx, agent).await;
    }
    let holder = held_under(work.caller, REST);
    let lease = Lease { holder, kind: LeaseKind::Rest, until: work.now + REST_LEASE };
    presence::save_lease(work.tx, agent, &lease).await
}

/// What somebody else says of an agent: it moves what the agent is shown to want, and proves nothing.
pub(crate) async fn declare(work: &mut Work<'_>, profile: &mut Profile, wish: Wish, by: AgentId) -> Result<()> {
    let there = Change::Declared { by };
    let changes = match wish {
        Wish::Ready => vec![Change::Resume, there],
        Wish::Idle => vec![Change::Resume, Change::Idle, there],
        Wish::Paused => vec![Change::Pause { reason: None }],
        Wish::Reassigning => vec![Change::Reassign],
        Wish::Hidden => vec![Change::Resume, Change::Hide],
    };
    if wish == Wish::Hidden {
        presence::delete_leases(work.tx, profile.agent.id).await?;
    }
    shift(work, profile, &changes, "declared").await.map(drop)
}

/// Shows an agent whose row is locked as signed in.
pub(crate) async fn show_sign_in(work: &mut Work<'_>, profile: &mut Profile) -> Result<()> {
    shift(work, profile, &[Change::SignedIn], "changed").await.map(drop)
}

/// Takes back what [`show_sign_in`] said, if nothing has proven it since.
pub(crate) async fn forget_sign_in(work: &mut Work<'_>, profile: &mut Profile) -> Result<()> {
    if profile.state.link == Link::Declared && profile.state.declared_by.is_none() {
        shift(work, profile, &[Change::LinkLost], "signed_out").await?;
    }
    Ok(())
}
