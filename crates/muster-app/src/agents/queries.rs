//! Reading agents.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_core::actor::{Actor, Caller};
use muster_core::agent::Profile;
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_core::team::Team;
use muster_core::view::{AgentListing, AgentSummary};
use muster_core::{Entity, Error, Result, text};
use muster_store::{agents, teams};

use super::guard;
use crate::App;

impl App {
    /// All people and bots, the latest changed first; of an integration's those it serves.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn list_agents(&self, caller: &Caller) -> Result<Vec<AgentListing>> {
        caller.actor.require(Permission::UsersManage)?;
        let now = self.now();
        let scan = self.inner.store.scan(move |tx| {
            Box::pin(async move {
                let summaries = agents::list_summaries(tx, now).await?;
                Ok((summaries, agents::role_names(tx).await?, agents::team_labels(tx).await?))
            })
        });
        let (summaries, mut roles, mut teams) = scan.await?;
        let summaries = self.seen(&caller.actor, summaries).await?;
        let listing = |summary: AgentSummary| {
            let id = summary.id;
            let (roles, teams) = (roles.remove(&id).unwrap_or_default(), teams.remove(&id).unwrap_or_default());
            AgentListing { summary, roles, teams }
        };
        Ok(summaries.into_iter().map(listing).collect())
    }

    /// All people and bots, the latest changed first, for every agent: whom one can assign to, mention or name.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn agents_compact(&self, caller: &Caller) -> Result<Vec<AgentSummary>> {
        caller.actor.require_staff()?;
        let now = self.now();
        let summaries = self.inner.store.scan(move |tx| Box::pin(agents::list_summaries(tx, now))).await?;
        self.seen(&caller.actor, summaries).await
    }

    /// Leaves those whom `actor` may see.
    async fn seen(&self, actor: &Actor, mut summaries: Vec<AgentSummary>) -> Result<Vec<AgentSummary>> {
        if let Actor::Integration(_) = actor {
            let seen: BTreeSet<AgentId> =
                self.profiles(actor).await?.into_iter().map(|profile| profile.agent.id).collect();
            summaries.retain(|summary| seen.contains(&summary.id));
        }
        Ok(summaries)
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`] for unknown and deleted agents, and for whom an integration doesn't serve.
    pub async fn agent(&self, caller: &Caller, id: AgentId) -> Result<Profile> {
        caller.actor.require(Permission::UsersManage)?;
        let profile = self.read(move |tx| Box::pin(agents::profile(tx, id))).await?;
        guard::check_seen(&caller.actor, &profile)?;
        Ok(profile)
    }

    /// The calling agent.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the caller isn't an agent.
    pub async fn my_profile(&self, caller: &Caller) -> Result<Profile> {
        let id = caller.actor.agent()?.id;
        let found = self.read(move |tx| Box::pin(agents::find_profile(tx, id))).await?;
        found.ok_or(Error::Unauthenticated)
    }

    /// The calling agent's teams, the latest changed first.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the caller isn't an agent.
    pub async fn my_teams(&self, caller: &Caller) -> Result<Vec<Team>> {
        let id = caller.actor.agent()?.id;
        self.read(move |tx| Box::pin(teams::list_of_agent(tx, id))).await
    }

    /// The agent who has this address.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`].
    pub async fn find_agent_by_email(&self, caller: &Caller, email: &str) -> Result<Profile> {
        caller.actor.require(Permission::UsersManage)?;
        let key: Arc<str> = text::key(email).into();
        let found = self.read(move |tx| {
            let key = Arc::clone(&key);
            Box::pin(async move {
                let owner = agents::sign_in_owner(tx, &key).await?.filter(|owner| owner.is_email);
                let owner = owner.ok_or(Error::NotFound(Entity::Agent))?;
                agents::profile(tx, owner.agent).await
            })
        });
        let profile = found.await?;
        guard::check_seen(&caller.actor, &profile)?;
        Ok(profile)
    }
}
