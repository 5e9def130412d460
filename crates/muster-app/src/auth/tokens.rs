//! Tokens of programs: sessions that go on as long as they are used, and go on proving presence once it was proven
//! under them.

use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::{Actor, Caller, Via};
use muster_core::{Error, Result, Timestamp};
use muster_store::{agents, credentials};
use subtle::ConstantTimeEq as _;

use super::cache::{Credential, Known};
use super::{Origin, Presented, SessionActor, SessionKind, SignedIn, secret_hash};
use crate::{App, presence};

/// Between two writes of how long a token holds.
const RENEWED_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Between two looks whether a token's calls have to be taken as proof of presence.
const LOOKED_AFTER: Duration = Duration::from_secs(30);

impl App {
    /// Makes a token for whoever knows the password. It holds for 90 days from its latest use. The agent is shown as
    /// signed in for five minutes, which makes nobody eligible for work.
    ///
    /// # Errors
    /// As [`App::sign_in`].
    pub async fn sign_in_for_token(
        &self,
        origin: &Origin,
        name: &str,
        presented: impl Into<Presented<'_>>,
    ) -> Result<SignedIn> {
        self.open(origin, name, presented.into(), SessionKind::Token).await
    }

    /// Signs in again by a token, which stays the same. The agent is shown as by [`Self::sign_in_for_token`].
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a token that is unknown, ended or expired.
    pub async fn resume_token(&self, origin: &Origin, token: &str) -> Result<SignedIn> {
        let hash: Arc<str> = secret_hash(token).into();
        let (known, _) = self.known_token(&hash, None).await?;
        let caller = origin.caller(Actor::Agent((*known.actor).clone()));
        let (agent, wanted) = (known.actor.id, Arc::clone(&hash));
        let resumed = self.write_in_reserve(&caller, move |work| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move {
                let profile = agents::lock_profiles(work.tx, &[agent]).await?.pop();
                let mut profile = profile.filter(|found| found.agent.is_usable()).ok_or(Error::Unauthenticated)?;
                let session = credentials::find_session(work.tx, &wanted).await?.ok_or(Error::Unauthenticated)?;
                presence::show_sign_in(work, &mut profile).await?;
                Ok((profile, session.expires_at))
            })
        });
        let (profile, expires_at) = resumed.await?;
        Ok(SignedIn { profile, token: token.to_owned(), expires_at })
    }

    /// Who is behind a token that was given to this agent. Remembered; compared in constant time. Use renews the token,
    /// with at most one write a day, and the rest lease that a proof of presence has made under it, with at most one
    /// write in 30 seconds.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a token that is unknown, ended, expired or another agent's;
    /// [`muster_core::Refusal::Held`].
    pub async fn authenticate_token(&self, agent_public_id: &str, token: &str) -> Result<SessionActor> {
        self.authenticate_token_for_own_account(agent_public_id, token).await?.unless_held()
    }

    /// The same for what concerns the agent's own account alone, for which a session is good that is held.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] as for [`Self::authenticate_token`].
    pub async fn authenticate_token_for_own_account(&self, agent_public_id: &str, token: &str) -> Result<SessionActor> {
        let hash = secret_hash(token);
        let (known, expires_at) = self.known_token(&hash, Some(agent_public_id)).await?;
        let session = SessionActor::new(&known, expires_at)?;
        let credential = Credential::Session(SessionKind::Token, hash);
        if session.held.is_none() && self.inner.cache.is_due(&credential, self.now(), LOOKED_AFTER) {
            self.go_on_proving(&session).await;
        }
        Ok(session)
    }

    /// A token that holds, and is this agent's if one is named; renewed if that is due.
    async fn known_token(&self, hash: &str, owner: Option<&str>) -> Result<(Known, Timestamp)> {
        // Before the agent is read: what changes from here on makes untrue what is known.
        let since = self.inner.cache.now();
        let (mut known, expires_at) = self.known_session(SessionKind::Token, hash).await?;
        let is_owner = |id: &str| bool::from(known.public_id.as_str().as_bytes().ct_eq(id.as_bytes()));
        if !owner.is_none_or(is_owner) {
            return Err(Error::Unauthenticated);
        }
        let renewed = self.now() + SessionKind::Token.life(self.settings());
        if renewed.since(expires_at) < RENEWED_AFTER {
            return Ok((known, expires_at));
        }
        match self.extend_session(hash, renewed).await {
            Ok(true) => {}
            Ok(false) => return Err(Error::Unauthenticated),
            // Made up for by a later call: a desk that is read-only can still be read.
            Err(Error::Busy(_)) => return Ok((known, expires_at)),
            Err(error) => return Err(error),
        }
        known.expires_at = Some(renewed);
        self.inner.cache.keep(since, Credential::Session(SessionKind::Token, hash.to_owned()), known.clone());
        Ok((known, renewed))
    }

    async fn extend_session(&self, hash: &str, until: Timestamp) -> Result<bool> {
        let hash: Arc<str> = hash.into();
        self.write(&Caller::system(), move |work| {
            let hash = Arc::clone(&hash);
            Box::pin(async move {
                work.tx.keep_quiet();
                credentials::extend_session(work.tx, &hash, until).await
            })
        })
        .await
    }

    /// A proof that can't be stored now is made up for by a later call.
    async fn go_on_proving(&self, session: &SessionActor) {
        let actor = Actor::Agent(session.actor.clone());
        let credential = Some(session.credential.clone());
        let caller = Caller { actor, via: Via::Api, request_id: None, ip: None, credential };
        match self.renew_rest_lease(&caller).await {
            Ok(_) => {}
            Err(Error::Busy(busy)) => tracing::debug!(%busy, "a proof of presence can't be renewed"),
            Err(error) => tracing::warn!(error = ?error, "a proof of presence can't be renewed"),
        }
    }
}
