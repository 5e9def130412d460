//! Web sessions.

use std::sync::Arc;

use muster_core::actor::{AgentActor, Caller};
use muster_core::event::Event;
use muster_core::{Error, Refusal, Result, Timestamp};
use muster_store::credentials::Session;
use muster_store::{agents, credentials};

use super::cache::{Credential, Known};
use super::secret_hash;
use crate::{App, presence};

/// Who is behind a session.
#[derive(Debug, Clone)]
pub struct SessionActor {
    pub actor: AgentActor,
    /// A name for the session that isn't its secret: [`Caller::credential`] of whatever it asks for. Signing out ends
    /// the proofs of presence made under it.
    pub credential: String,
    pub expires_at: Timestamp,
}

/// The name of the session with that hash.
fn name(token_hash: &str) -> String {
    format!("session:{}", &token_hash[..16])
}

impl App {
    /// Who is behind a session's token. Remembered.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an unknown, ended or expired session; [`Refusal::AccountDisabled`] once, for a
    /// session that ended because its agent was disabled or locked.
    pub async fn authenticate_session(&self, token: &str) -> Result<SessionActor> {
        let hash = secret_hash(token);
        let known = match self.inner.cache.get(&Credential::Session(hash.clone())) {
            Some(known) => known,
            None => self.read_session(&hash).await?,
        };
        match known.expires_at {
            Some(expires_at) if expires_at > self.now() => {
                Ok(SessionActor { actor: (*known.actor).clone(), credential: name(&hash), expires_at })
            }
            _ => Err(Error::Unauthenticated),
        }
    }

    async fn read_session(&self, hash: &str) -> Result<Known> {
        let since = self.inner.cache.now();
        let wanted: Arc<str> = hash.into();
        let found = self.read(move |tx| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move {
                let Some(session) = credentials::find_session(tx, &wanted).await? else { return Ok(None) };
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
        let actor = Arc::new(AgentActor::from(&profile));
        let known = Known { secret_hash: hash.to_owned(), expires_at: Some(session.expires_at), actor };
        self.inner.cache.keep(since, Credential::Session(hash.to_owned()), known.clone());
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

    /// Ends a session, and the presence that was proven under it. One that has ended already is no error.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sign_out(&self, caller: &Caller, token: &str) -> Result<()> {
        let hash: Arc<str> = secret_hash(token).into();
        self.write(caller, move |work| {
            let hash = Arc::clone(&hash);
            Box::pin(async move {
                let Some(session) = credentials::find_session(work.tx, &hash).await? else { return Ok(()) };
                let profile = agents::lock_profiles(work.tx, &[session.agent]).await?.pop();
                if !credentials::delete_session(work.tx, &hash).await? {
                    return Ok(());
                }
                work.record(Event::SignInEnded { agent: session.agent });
                match profile {
                    Some(profile) => presence::sign_out(work, profile, &name(&hash)).await,
                    None => Ok(()),
                }
            })
        })
        .await
    }
}
