//! Sessions: what a token opens, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::{AgentActor, Caller};
use muster_core::event::Event;
use muster_core::{Error, Refusal, Result, Timestamp};
use muster_store::credentials::Session;
use muster_store::{agents, credentials};

use super::cache::{Credential, Known};
use super::secret_hash;
use crate::{App, Settings, presence};

/// What a session was opened for. None is ever taken for one of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum SessionKind {
    /// A browser, by a cookie: a fixed time.
    Web,
    /// Somebody's program: goes on as long as it is used.
    Token,
}

impl SessionKind {
    /// The word kept in the store.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Token => "token",
        }
    }

    /// How long it holds from sign-in, and a token from its latest renewal.
    pub(super) const fn life(self, settings: &Settings) -> Duration {
        match self {
            Self::Web => settings.session_life,
            Self::Token => Duration::from_secs(90 * 24 * 3600),
        }
    }
}

/// Who is behind a session.
#[derive(Debug, Clone)]
pub struct SessionActor {
    pub actor: AgentActor,
    /// A name for the session that isn't its secret: [`Caller::credential`] of whatever it asks for. Signing out ends
    /// the proofs of presence made under it.
    pub credential: String,
    pub expires_at: Timestamp,
}

impl SessionActor {
    pub(super) fn new(token_hash: &str, known: &Known, expires_at: Timestamp) -> Self {
        Self { actor: (*known.actor).clone(), credential: name(token_hash), expires_at }
    }
}

/// The name of the session with that hash.
fn name(token_hash: &str) -> String {
    format!("session:{}", &token_hash[..16])
}

impl App {
    /// Who is behind a web session's token. Remembered.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an unknown, ended or expired session; [`Refusal::AccountDisabled`] once, for a
    /// session that ended because its agent was disabled or locked.
    pub async fn authenticate_session(&self, token: &str) -> Result<SessionActor> {
        let hash = secret_hash(token);
        let (known, expires_at) = self.known_session(SessionKind::Web, &hash).await?;
        Ok(SessionActor::new(&hash, &known, expires_at))
    }

    /// The session of that kind and hash, with when it ends. Remembered.
    ///
    /// # Errors
    /// As [`Self::authenticate_session`].
    pub(super) async fn known_session(&self, kind: SessionKind, hash: &str) -> Result<(Known, Timestamp)> {
        let known = match self.inner.cache.get(&Credential::Session(kind, hash.to_owned())) {
            Some(known) => known,
            None => self.read_session(kind, hash).await?,
        };
        match known.expires_at {
            Some(expires_at) if expires_at > self.now() => Ok((known, expires_at)),
            _ => Err(Error::Unauthenticated),
        }
    }

    async fn read_session(&self, kind: SessionKind, hash: &str) -> Result<Known> {
        let since = self.inner.cache.now();
        let wanted: Arc<str> = hash.into();
        let found = self.read(move |tx| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move {
                let found = credentials::find_session(tx, &wanted).await?;
                let Some(session) = found.filter(|session| session.kind == kind.as_str()) else { return Ok(None) };
                let profile = agents::find_profile(tx, session.agent).await?;
                Ok(Some((session, profile)))
            })
        });
        let (session, profile) = found.await?.ok_or(Error::Unauthenticated)?;
        if session.expires_at <= self.now() {
            return Err(Error::Unauthenticated);
        }
        if session.ended_by.is_some() {
            return Err(self.bury(session).await?);
        }
        let profile = profile.filter(|profile| profile.agent.is_usable()).ok_or(Error::Unauthenticated)?;
        let known = Known::new(hash.to_owned(), Some(session.expires_at), &profile);
        self.inner.cache.keep(since, Credential::Session(kind, hash.to_owned()), known.clone());
        Ok(known)
    }

    /// Deletes a session that was ended, and says what to answer: whoever deletes it is told why.
    async fn bury(&self, session: Session) -> Result<Error> {
        let hash: Arc<str> = session.token_hash.into();
        let caller = Caller::system();
        let deleted = self.write(&caller, move |work| {
            let hash = Arc::clone(&hash);
            Box::pin(async move { credentials::delete_session(work.tx, &hash).await })
        });
        Ok(if deleted.await? { Refusal::AccountDisabled.into() } else { Error::Unauthenticated })
    }

    /// Ends the session of a token of whatever kind, and the presence that was proven under it. One that has ended
    /// already is no error.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sign_out(&self, caller: &Caller, token: &str) -> Result<()> {
        let hash: Arc<str> = secret_hash(token).into();
        self.write_in_reserve(caller, move |work| {
            let hash = Arc::clone(&hash);
            Box::pin(async move {
                let Some(session) = credentials::find_session(work.tx, &hash).await? else { return Ok(()) };
                let profile = agents::lock_profiles(work.tx, &[session.agent]).await?.pop();
                if !credentials::delete_session(work.tx, &hash).await? {
                    return Ok(());
                }
                work.record(Event::SignInEnded { agent: session.agent });
                let Some(mut profile) = profile else { return Ok(()) };
                presence::sign_out(work, &mut profile, &name(&hash)).await?;
                if session.kind == SessionKind::Token.as_str() {
                    presence::forget_sign_in(work, &mut profile).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
