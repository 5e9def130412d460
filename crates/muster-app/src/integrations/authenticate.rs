//! Who is behind a key or a token.

use std::sync::Arc;

use muster_core::event::Event;
use muster_core::id::IntegrationId;
use muster_core::integration::Integration;
use muster_core::{Entity, Error, Refusal, Result, Timestamp};
use muster_store::integrations;
use subtle::ConstantTimeEq as _;

use crate::App;
use crate::auth::{Cache, Credential, Remembered, secret_hash};

/// A key or a token that was good when it was read, or would have been had it been in time.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    secret_hash: String,
    /// Of a token.
    expires_at: Option<Timestamp>,
    integration: Arc<Integration>,
}

impl Remembered for Known {
    type Owner = IntegrationId;

    fn owner(&self) -> IntegrationId {
        self.integration.id
    }
}

impl Cache<Known> {
    /// Drops what an event makes untrue.
    pub(crate) fn forget(&self, event: &Event) {
        match event.aggregate() {
            (Entity::Integration, id) => self.drop_owner(IntegrationId(id)),
            _ if matches!(event, Event::TeamDeleted { .. }) => self.drop_all(),
            _ => {}
        }
    }
}

impl App {
    /// Whose key it is. Remembered.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a key that is unknown, revoked or of another kind.
    pub async fn authenticate_integration_key(&self, kind: &'static str, key: &str) -> Result<Arc<Integration>> {
        let hash = secret_hash(key);
        let known = self.known(&hash, Secret::Key).await?;
        check(&known, kind, &hash)?;
        Ok(known.integration)
    }

    /// Whose token it is. Remembered.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a token that is unknown, of another kind, made before one that replaced it, or
    /// whose integration is revoked; [`Refusal::TokenExpired`] for one that has run out, for some days.
    pub async fn authenticate_integration_token(&self, kind: &'static str, token: &str) -> Result<Arc<Integration>> {
        let hash = secret_hash(token);
        let known = self.known(&hash, Secret::Token).await?;
        check(&known, kind, &hash)?;
        if known.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(Refusal::TokenExpired.into());
        }
        Ok(known.integration)
    }

    async fn known(&self, hash: &str, secret: Secret) -> Result<Known> {
        let credential = secret.credential(hash);
        if let Some(known) = self.inner.integration_cache.get(&credential) {
            return Ok(known);
        }
        let since = self.inner.integration_cache.now();
        let found = match secret {
            Secret::Key => self.read_key_of_integration(hash).await?,
            Secret::Token => self.read_token_of_integration(hash).await?,
        };
        let known = found.ok_or(Error::Unauthenticated)?;
        self.inner.integration_cache.keep(since, credential, known.clone());
        Ok(known)
    }

    async fn read_key_of_integration(&self, hash: &str) -> Result<Option<Known>> {
        let wanted: Arc<str> = hash.into();
        let found = self.read(move |tx| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move { integrations::find_by_key(tx, &wanted).await })
        });
        Ok(found.await?.map(|(secret_hash, integration)| Known {
            secret_hash,
            expires_at: None,
            integration: Arc::new(integration),
        }))
    }

    async fn read_token_of_integration(&self, hash: &str) -> Result<Option<Known>> {
        let wanted: Arc<str> = hash.into();
        let found = self.read(move |tx| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move { integrations::find_by_token(tx, &wanted).await })
        });
        let found = found.await?.filter(|(token, integration)| token.generation >= integration.generation);
        Ok(found.map(|(token, integration)| Known {
            secret_hash: token.token_hash,
            expires_at: Some(token.expires_at),
            integration: Arc::new(integration),
        }))
    }
}

/// What an integration proves itself with.
#[derive(Debug, Clone, Copy)]
enum Secret {
    Key,
    Token,
}

impl Secret {
    fn credential(self, hash: &str) -> Credential {
        match self {
            Self::Key => Credential::IntegrationKey(hash.to_owned()),
            Self::Token => Credential::IntegrationToken(hash.to_owned()),
        }
    }
}

fn check(known: &Known, kind: &str, hash: &str) -> Result<()> {
    let fits = bool::from(known.secret_hash.as_bytes().ct_eq(hash.as_bytes()));
    if fits && known.integration.kind == kind { Ok(()) } else { Err(Error::Unauthenticated) }
}
