//! Who works with customers, in which teams and how much of it. Whoever runs the floor may change this without
//! administering people.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_core::access::require_in;
use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::id::{AgentId, TeamId};
use muster_core::permission::Permission;
use muster_core::role::AGENT_KEY;
use muster_core::{Refusal, Result};
use muster_store::{agents, roles};

use super::input::AgentExtension;
use super::parts::{self, Effect, FirstCount};
use super::{edit, guard};
use crate::{App, Work};

/// How an agent works with customers. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServicePatch {
    /// Replaces the agent's teams. Memberships that are kept stay untouched; new ones begin with a count of 0.
    pub teams: Option<Vec<TeamId>>,
    /// `Some(None)`: the desk's default.
    pub capacity: Option<Option<u16>>,
}

impl App {
    /// Changes how an agent works with customers.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`], also for reaching above oneself, and for a team to join or leave whose members one
    /// may not choose; [`muster_core::Error::NotFound`] for the agent or a team; [`Refusal::NotServing`];
    /// [`Refusal::BuiltIn`].
    pub async fn set_service(&self, caller: &Caller, id: AgentId, patch: ServicePatch) -> Result<Profile> {
        caller.actor.require(Permission::AgentsServe)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { set_service(work, id, &patch).await })
        })
        .await
    }

    /// Makes somebody one who works with customers: they serve, and get the agents' role if what they hold doesn't let
    /// them answer.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`], also for reaching above oneself or granting more than one holds;
    /// [`muster_core::Error::NotFound`]; [`Refusal::BuiltIn`].
    pub async fn enlist(&self, caller: &Caller, id: AgentId) -> Result<Profile> {
        caller.actor.require(Permission::AgentsServe)?;
        self.write(caller, move |work| Box::pin(enlist(work, id))).await
    }

    /// Takes somebody out of the work with customers and out of all teams. Roles stay, and so does open work.
    ///
    /// # Errors
    /// As [`Self::enlist`]; [`Refusal::NotServing`].
    pub async fn discharge(&self, caller: &Caller, id: AgentId) -> Result<Profile> {
        caller.actor.require(Permission::AgentsServe)?;
        self.write(caller, move |work| Box::pin(discharge(work, id))).await
    }
}

async fn set_service(work: &mut Work<'_>, id: AgentId, patch: &ServicePatch) -> Result<Profile> {
    let mut profile = lock_serving(work, id).await?;
    let mut effect = Effect::default();
    if let Some(teams) = &patch.teams {
        check_teams(work, &profile, teams)?;
        effect |= parts::set_teams(work, &mut profile, teams, FirstCount::Zero).await?;
    }
    let given = AgentExtension { capacity: patch.capacity, ..AgentExtension::default() };
    effect |= parts::set_service(work, &mut profile, &given);
    finish(work, profile, effect).await
}

/// The caller may choose the members of every team that is joined or left.
fn check_teams(work: &Work<'_>, profile: &Profile, wanted: &[TeamId]) -> Result<()> {
    let before: BTreeSet<TeamId> = profile.teams.iter().map(|team| team.id).collect();
    let after: BTreeSet<TeamId> = wanted.iter().copied().collect();
    let moved = || before.symmetric_difference(&after).copied();
    guard::check_teams_served(work, moved())?;
    moved().try_for_each(|team| require_in(work.actor(), Permission::TeamMembersManage, Some(team)))
}

async fn enlist(work: &mut Work<'_>, id: AgentId) -> Result<Profile> {
    let mut profile = edit::lock(work, id).await?;
    let role = if profile.answers() { None } else { Some(roles::built_in(work.tx, AGENT_KEY).await?) };
    guard::check_reach(work, profile.granted(), role.as_slice())?;
    let mut effect = set_serves(work, &mut profile, true);
    if let Some(role) = role {
        effect |= parts::add_role(work, &mut profile, role).await?;
    }
    finish(work, profile, effect).await
}

async fn discharge(work: &mut Work<'_>, id: AgentId) -> Result<Profile> {
    let mut profile = lock_serving(work, id).await?;
    let teams: Vec<TeamId> = profile.teams.iter().map(|team| team.id).collect();
    guard::check_teams_served(work, teams)?;
    let mut effect = set_serves(work, &mut profile, false);
    effect |= parts::set_teams(work, &mut profile, &[], FirstCount::Lowest).await?;
    finish(work, profile, effect).await
}

async fn lock_serving(work: &mut Work<'_>, id: AgentId) -> Result<Profile> {
    let profile = edit::lock(work, id).await?;
    guard::check_reach(work, profile.granted(), &[])?;
    if profile.takes_work() { Ok(profile) } else { Err(Refusal::NotServing(id).into()) }
}

fn set_serves(work: &mut Work<'_>, profile: &mut Profile, serves: bool) -> Effect {
    let given = AgentExtension { serves: Some(serves), ..AgentExtension::default() };
    parts::set_service(work, profile, &given)
}

async fn finish(work: &mut Work<'_>, mut profile: Profile, effect: Effect) -> Result<Profile> {
    edit::save(work, &mut profile, effect).await?;
    agents::profile(work.tx, profile.agent.id).await
}
