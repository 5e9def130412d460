//! Passwords given with an agent: hashed before the transaction, stored within it.

use std::fmt;

use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::{Result, password};
use muster_store::credentials;

use crate::auth::{Ending, revoke};
use crate::passwords::DESK;
use crate::{App, Work};

/// A password that is good at one product's own sign-in only: 3 to 50 characters. One that meets the desk's rule becomes
/// the agent's password at the desk too.
#[derive(Clone, PartialEq, Eq)]
pub struct ProductPassword {
    /// The product's word; not the desk's.
    pub kind: &'static str,
    pub password: String,
}

impl fmt::Debug for ProductPassword {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProductPassword").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What is to be stored of passwords that were given: hashes by kind.
#[derive(Debug, Clone)]
pub(crate) struct Hashes(Vec<(&'static str, String)>);

impl Hashes {
    /// Of an agent who chooses a password later, or never.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Checks and hashes. `field` is the name of the desk's password in errors.
    pub(super) async fn make(
        app: &App,
        field: &'static str,
        desk: Option<&str>,
        product: Option<&ProductPassword>,
    ) -> Result<Self> {
        if let Some(given) = desk {
            password::check_desk(field, given)?;
        }
        if let Some(given) = product {
            password::check_product("product_password", &given.password)?;
        }
        let is_strong = |given: &&str| password::check_desk(field, given).is_ok();
        let desk = desk.or_else(|| product.map(|given| given.password.as_str()).filter(is_strong));
        let mut hashes = Vec::new();
        if let Some(given) = desk {
            hashes.push((DESK, app.hash_password(given).await?));
        }
        if let Some(given) = product {
            hashes.push((given.kind, app.hash_password(&given.password).await?));
        }
        Ok(Self(hashes))
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Stores the first passwords of a new agent.
    pub(super) async fn store(&self, work: &mut Work<'_>, agent: AgentId) -> Result<()> {
        for (kind, hash) in &self.0 {
            credentials::save_password(work.tx, agent, kind, hash, work.now).await?;
        }
        if !self.is_empty() {
            work.record(Event::PasswordSet { agent });
        }
        Ok(())
    }

    /// Replaces passwords of an agent whose row is locked. Every sign-in ends.
    pub(super) async fn replace(&self, work: &mut Work<'_>, profile: &mut Profile) -> Result<()> {
        self.store(work, profile.agent.id).await?;
        revoke(work, profile, Ending::PasswordChanged).await
    }
}
