//! Whether agents take customer work: pausing and resuming, by themselves and by others.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_core::presence::{Change, Intent, Link, REST_LEASE};
use muster_core::{Error, Refusal, Result, Why, text};
use muster_store::agents;

use super::wishes::keep_rest_lease;
use super::{lock_own, shift};
use crate::agents::guard::check_served;
use crate::{App, PresenceSettings, Work};

impl PresenceSettings {
    /// The reason of this name, as it is configured. Case, width and outer blanks don't matter.
    ///
    /// # Errors
    /// [`Error::Invalid`] `pause_reason` for one that isn't configured.
    pub fn reason(&self, name: &str) -> Result<String> {
        let key = text::key(name);
        let found = self.pause_reasons.iter().find(|reason| text::key(reason) == key);
        found.cloned().ok_or(Error::invalid("pause_reason", Why::Unknown))
    }
}

impl App {
    /// Why an agent may pause, in the order in which that is configured.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub fn pause_reasons(&self, caller: &Caller) -> Result<Vec<String>> {
        caller.actor.require_staff()?;
        Ok(self.settings().presence.pause_reasons.clone())
    }

    /// Has an agent who is there take no more work, for one of the configured reasons. Whoever is paused already keeps
    /// the reason.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`] `pause_reason`; [`Error::NotFound`], also for whomever an integration may
    /// not change; [`Refusal::NotPresent`], [`Refusal::InWrapUp`].
    pub async fn pause_agent(&self, caller: &Caller, agent: AgentId, reason: &str) -> Result<Profile> {
        caller.actor.require(Permission::DeskSupervise)?;
        let reason: Arc<str> = self.settings().presence.reason(reason)?.into();
        self.write(caller, move |work| {
            let reason = Arc::clone(&reason);
            Box::pin(async move {
                let mut profile = lock_present(work, agent).await?;
                let state = &profile.state;
                if state.intent != Intent::Paused && state.is_in_wrap_up(work.now) {
                    return Err(Refusal::InWrapUp(agent).into());
                }
                let pause = Change::Pause { reason: Some(reason.to_string()) };
                shift(work, &mut profile, &[pause], "changed").await?;
                Ok(profile)
            })
        })
        .await
    }

    /// Has an agent who is there take work again.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`], also for whomever an integration may not change;
    /// [`Refusal::NotPresent`].
    pub async fn resume_agent(&self, caller: &Caller, agent: AgentId) -> Result<Profile> {
        caller.actor.require(Permission::DeskSupervise)?;
        self.write(caller, move |work| {
            Box::pin(async move {
                let mut profile = lock_present(work, agent).await?;
                shift(work, &mut profile, &[Change::Resume], "changed").await?;
                Ok(profile)
            })
        })
        .await
    }

    /// Makes an agent available for customer work, or not. Saying so of oneself is proof of presence, also when it
    /// changes nothing, but doesn't bring back an agent who has hidden; saying so of another proves nothing. Whoever
    /// isn't ready for another reason counts as not available.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`], also for whomever an integration may not change;
    /// [`Error::Unauthenticated`] if the caller's own account can't be used; [`Refusal::NotServing`];
    /// [`Refusal::AccountDisabled`] for another who can't be made available.
    pub async fn set_service_status(&self, caller: &Caller, agent: AgentId, available: bool) -> Result<Profile> {
        let is_own = caller.actor.agent().is_ok_and(|own| own.id == agent);
        if !is_own {
            caller.actor.require(Permission::AgentsServe)?;
        }
        self.write(caller, move |work| {
            Box::pin(async move {
                let mut profile = if is_own { lock_own(work, agent).await? } else { lock_other(work, agent).await? };
                set_service_status(work, &mut profile, available, is_own).await?;
                agents::profile(work.tx, agent).await
            })
        })
        .await
    }
}

async fn set_service_status(work: &mut Work<'_>, profile: &mut Profile, available: bool, is_own: bool) -> Result<()> {
    if !profile.takes_work() {
        return Err(Refusal::NotServing(profile.agent.id).into());
    }
    if !profile.agent.is_usable() {
        return if available { Err(Refusal::AccountDisabled.into()) } else { Ok(()) };
    }
    let mut changes = Vec::new();
    if is_own && profile.state.link != Link::Hidden {
        keep_rest_lease(work, profile, true).await?;
        changes.push(Change::Proof { until: work.now + REST_LEASE, from_hidden: false });
    }
    match (available, profile.state.intent) {
        (true, Intent::Paused | Intent::Reassigning) => changes.push(Change::Resume),
        (false, Intent::Ready) => changes.push(Change::Pause { reason: None }),
        (true, Intent::Ready) | (false, Intent::Paused | Intent::Reassigning) => {}
    }
    shift(work, profile, &changes, "changed").await.map(drop)
}

async fn lock_other(work: &mut Work<'_>, agent: AgentId) -> Result<Profile> {
    let profile = agents::lock_profile(work.tx, agent).await?;
    check_served(work.actor(), &profile)?;
    Ok(profile)
}

async fn lock_present(work: &mut Work<'_>, agent: AgentId) -> Result<Profile> {
    let profile = lock_other(work, agent).await?;
    if profile.state.is_live(work.now) { Ok(profile) } else { Err(Refusal::NotPresent(agent).into()) }
}
