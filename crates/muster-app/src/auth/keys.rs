//! API keys.

use std::fmt;
use std::sync::Arc;

use muster_core::actor::{Actor, AgentActor, Caller};
use muster_core::agent::{AgentKind, Profile, check_ceiling};
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::permission::{Permission, Permissions};
use muster_core::{Entity, Error, Refusal, Result, text};
use muster_store::agents;
use muster_store::credentials::{self, ApiKey};
use subtle::ConstantTimeEq as _;

use super::cache::{Credential, Known};
use super::secret_hash;
use crate::agents::check_served;
use crate::{App, Work};

const KEY_LEN: usize = 32;
const SECRET_LEN: usize = 64;

/// A new API key: the only time its secret is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct NewApiKey {
    pub name: String,
    /// The public half, 32 letters and digits.
    pub key_id: String,
    /// 64 letters and digits.
    pub secret: String,
}

impl fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiKey").field("name", &self.name).field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// What a key shall be called.
#[derive(Debug, Clone, PartialEq, Eq)]
enum KeyName {
    /// In place of the agent's key of that name, if there is one.
    Given(String),
    Generated,
}

impl App {
    /// Makes an API key for an agent. With a name it takes the place of the agent's key of that name; without one it
    /// gets a name of its own.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`]; [`Error::Invalid`] for the name; [`Refusal::BuiltIn`] for the system
    /// agent.
    pub async fn create_api_key(&self, caller: &Caller, agent: AgentId, name: Option<&str>) -> Result<NewApiKey> {
        caller.actor.require(Permission::UsersManage)?;
        let name = match name {
            Some(name) => KeyName::Given(text::bounded("name", name, 1, 100)?),
            None => KeyName::Generated,
        };
        self.write(caller, move |work| {
            let name = name.clone();
            Box::pin(async move {
                let profile = agents::lock_profile(work.tx, agent).await?;
                check_reach(work.actor(), &profile)?;
                create_key(work, agent, name).await
            })
        })
        .await
    }

    /// Takes an agent's key of that name away; one that doesn't exist is no error.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`].
    pub async fn revoke_api_key(&self, caller: &Caller, agent: AgentId, name: &str) -> Result<()> {
        caller.actor.require(Permission::UsersManage)?;
        let name: Arc<str> = name.into();
        self.write(caller, move |work| {
            let name = Arc::clone(&name);
            Box::pin(async move {
                let profile = agents::lock_profile(work.tx, agent).await?;
                check_reach(work.actor(), &profile)?;
                revoke_key(work, agent, &name).await
            })
        })
        .await
    }

    /// Who uses an API key. Remembered; compared in constant time.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an unknown or expired key, a wrong secret, and an agent who is disabled, locked or
    /// deleted.
    pub async fn authenticate_key(&self, key_id: &str, secret: &str) -> Result<AgentActor> {
        let known = match self.inner.cache.get(&Credential::Key(key_id.to_owned())) {
            Some(known) => known,
            None => self.read_key(key_id).await?,
        };
        let fits = bool::from(known.secret_hash.as_bytes().ct_eq(secret_hash(secret).as_bytes()));
        if !fits || known.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(Error::Unauthenticated);
        }
        self.stamp_key(key_id);
        Ok((*known.actor).clone())
    }

    async fn read_key(&self, key_id: &str) -> Result<Known> {
        let since = self.inner.cache.now();
        let wanted: Arc<str> = key_id.into();
        let found = self.read(move |tx| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move {
                let Some(key) = credentials::find_key(tx, &wanted).await? else { return Ok(None) };
                Ok(agents::find_profile(tx, key.agent).await?.map(|profile| (key, profile)))
            })
        });
        let (key, profile) = found.await?.ok_or(Error::Unauthenticated)?;
        if !profile.agent.is_usable() {
            return Err(Error::Unauthenticated);
        }
        let known = Known::new(key.secret_hash, key.expires_at, &profile, None);
        self.inner.cache.keep(since, Credential::Key(key.key_id), known.clone());
        Ok(known)
    }
}

/// Whether somebody reaches high enough to touch this agent's credentials.
pub(super) fn check_reach(actor: &Actor, profile: &Profile) -> Result<()> {
    check_served(actor, profile)?;
    if profile.agent.kind == AgentKind::System {
        return Err(Refusal::BuiltIn(Entity::Agent).into());
    }
    check_ceiling(actor.permissions(), profile.granted(), Permissions::NONE)
}

/// Makes a key for an agent whose row is locked.
async fn create_key(work: &mut Work<'_>, agent: AgentId, name: KeyName) -> Result<NewApiKey> {
    let name = match name {
        KeyName::Given(name) => {
            revoke_key(work, agent, &name).await?;
            name
        }
        KeyName::Generated => format!("key-{}", work.draw.alphanumeric(8)),
    };
    let new = NewApiKey { name, key_id: work.draw.alphanumeric(KEY_LEN), secret: work.draw.alphanumeric(SECRET_LEN) };
    let key = ApiKey {
        key_id: new.key_id.clone(),
        agent,
        name: new.name.clone(),
        secret_hash: secret_hash(&new.secret),
        created_at: work.now,
        expires_at: None,
        last_used_at: None,
    };
    credentials::insert_key(work.tx, &key).await?;
    work.record(Event::ApiKeyCreated { agent, key_id: key.key_id, key_name: key.name });
    Ok(new)
}

async fn revoke_key(work: &mut Work<'_>, agent: AgentId, name: &str) -> Result<()> {
    if let Some(key) = credentials::find_key_by_name(work.tx, agent, name).await? {
        credentials::delete_key(work.tx, &key.key_id).await?;
        work.record(Event::ApiKeyRevoked { agent, key_id: key.key_id, key_name: key.name });
    }
    Ok(())
}
