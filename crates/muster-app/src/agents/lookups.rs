//! Finding agents by the names other programs know them by, and all of them at once. The system agent is nobody here.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use muster_core::actor::{Actor, Caller};
use muster_core::agent::{AgentKind, Profile};
use muster_core::id::AgentId;
use muster_core::integration::IntegrationActor;
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Result, text};
use muster_store::agents;
use muster_store::db::Tx;

use super::guard;
use crate::App;

type Find = for<'t> fn(&'t mut Tx, &'t str) -> BoxFuture<'t, Result<Option<AgentId>>>;

impl App {
    /// The agent of this login, compared by key.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`], also for whom an integration doesn't serve.
    pub async fn agent_by_login(&self, caller: &Caller, login: &str) -> Result<Profile> {
        caller.actor.require(Permission::UsersManage)?;
        self.find(&caller.actor, &text::key(login), by_login).await
    }

    /// The agents of these logins that exist, by id; logins are compared by key. Those an integration doesn't serve are
    /// left out.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn agents_by_logins(&self, caller: &Caller, logins: &[String]) -> Result<Vec<Profile>> {
        caller.actor.require(Permission::UsersManage)?;
        let storable = logins.iter().filter(|login| text::is_storable(login));
        let keys: Arc<BTreeSet<String>> = Arc::new(storable.map(|login| text::key(login)).collect());
        let found = self.read(move |tx| {
            let keys = Arc::clone(&keys);
            Box::pin(async move {
                let ids = agents::ids_by_logins(tx, &keys).await?;
                agents::profiles_by_ids(tx, &ids).await
            })
        });
        let mut profiles = found.await?;
        profiles.retain(|profile| guard::sees(&caller.actor, profile));
        Ok(profiles)
    }

    /// The agent of this public id.
    ///
    /// # Errors
    /// As [`Self::agent_by_login`].
    pub async fn agent_by_public_id(&self, caller: &Caller, public_id: &str) -> Result<Profile> {
        caller.actor.require(Permission::UsersManage)?;
        self.find(&caller.actor, public_id, by_public_id).await
    }

    /// All people and bots that were not deleted, by id; of an integration's those it serves.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn agent_profiles(&self, caller: &Caller) -> Result<Vec<Profile>> {
        caller.actor.require(Permission::UsersManage)?;
        self.profiles(&caller.actor).await
    }

    /// [`Self::agent_profiles`] for every agent: whom one works with.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn colleagues(&self, caller: &Caller) -> Result<Vec<Profile>> {
        caller.actor.require_staff()?;
        self.profiles(&caller.actor).await
    }

    /// [`Self::agent_by_public_id`] for every agent.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors; [`Error::NotFound`].
    pub async fn colleague_by_public_id(&self, caller: &Caller, public_id: &str) -> Result<Profile> {
        caller.actor.require_staff()?;
        self.find(&caller.actor, public_id, by_public_id).await
    }

    /// [`Self::agent_by_login`] for every agent.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors; [`Error::NotFound`].
    pub async fn colleague_by_login(&self, caller: &Caller, login: &str) -> Result<Profile> {
        caller.actor.require_staff()?;
        self.find(&caller.actor, &text::key(login), by_login).await
    }

    /// Whether an agent of this login was deleted. Somebody else may have it by now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn was_login_deleted(&self, login: &str) -> Result<bool> {
        if !text::is_storable(login) {
            return Ok(false);
        }
        let key: Arc<str> = text::key(login).into();
        self.read(move |tx| {
            let key = Arc::clone(&key);
            Box::pin(async move { agents::was_login_deleted(tx, &key).await })
        })
        .await
    }

    async fn find(&self, actor: &Actor, name: &str, find: Find) -> Result<Profile> {
        if !text::is_storable(name) {
            return Err(Error::NotFound(Entity::Agent));
        }
        let name: Arc<str> = name.into();
        let profile = self.read(move |tx| {
            let name = Arc::clone(&name);
            Box::pin(async move {
                let id = find(tx, &name).await?.ok_or(Error::NotFound(Entity::Agent))?;
                agents::profile(tx, id).await
            })
        });
        let profile = profile.await?;
        if profile.agent.kind == AgentKind::System {
            return Err(Error::NotFound(Entity::Agent));
        }
        guard::check_seen(actor, &profile)?;
        Ok(profile)
    }

    pub(super) async fn profiles(&self, actor: &Actor) -> Result<Vec<Profile>> {
        let store = &self.inner.store;
        let mut profiles = match actor {
            Actor::Integration(IntegrationActor { acting_for: Some(team), .. }) => {
                let team = *team;
                store.scan(move |tx| Box::pin(agents::profiles_around(tx, team))).await?
            }
            _ => store.scan(|tx| Box::pin(agents::all_profiles(tx))).await?,
        };
        profiles.retain(|profile| guard::sees(actor, profile));
        Ok(profiles)
    }
}

fn by_login<'t>(tx: &'t mut Tx, key: &'t str) -> BoxFuture<'t, Result<Option<AgentId>>> {
    Box::pin(async move {
        let owner = agents::sign_in_owner(tx, key).await?;
        Ok(owner.filter(|owner| owner.is_login).map(|owner| owner.agent))
    })
}

fn by_public_id<'t>(tx: &'t mut Tx, public_id: &'t str) -> BoxFuture<'t, Result<Option<AgentId>>> {
    Box::pin(agents::id_by_public_id(tx, public_id))
}
