//! Changing the own password.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::{Error, Refusal, Result, password};
use muster_store::agents;
use muster_store::credentials::{self, Session};

use super::links::set_password;
use super::proven::Proven;
use super::{SignedIn, secret_hash};
use crate::{App, Work};

impl App {
    /// Sets the calling agent's password. Every sign-in ends but the session of `token`, which goes on under the token
    /// that is answered, and until the same instant.
    ///
    /// # Errors
    /// [`Error::Invalid`] `new_password` for a weak one; [`Refusal::WrongPassword`]; [`Refusal::SamePassword`];
    /// [`Refusal::TooManyAttempts`]; [`Error::Unauthenticated`] if the session has ended;
    /// [`muster_core::Busy::Passwords`].
    pub async fn change_my_password(&self, caller: &Caller, token: &str, current: &str, new: &str) -> Result<SignedIn> {
        password::check_desk("new_password", new)?;
        let proven = Arc::new(self.prove_oneself(caller, current).await?);
        if new == current {
            return Err(Refusal::SamePassword.into());
        }
        let hash: Arc<str> = self.hash_password(new).await?.into();
        let session: Arc<str> = secret_hash(token).into();
        self.write(caller, move |work| {
            let (proven, session, hash) = (Arc::clone(&proven), Arc::clone(&session), Arc::clone(&hash));
            Box::pin(async move { change(work, &proven, &session, &hash).await })
        })
        .await
    }
}

async fn change(work: &mut Work<'_>, proven: &Proven, session: &str, hash: &str) -> Result<SignedIn> {
    let mut profile = proven.lock(work).await?;
    let session = credentials::find_session(work.tx, session).await?;
    let is_own = |session: &Session| session.agent == profile.agent.id && session.ended_by.is_none();
    let session = session.filter(is_own).ok_or(Error::Unauthenticated)?;
    note_own_choice(work, &mut profile).await?;
    set_password(work, &mut profile, hash).await?;
    let (token, expires_at) = (work.draw.token(), session.expires_at);
    credentials::insert_session(work.tx, &Session { token_hash: secret_hash(&token), ..session }).await?;
    Ok(SignedIn { profile, token, expires_at })
}

async fn note_own_choice(work: &mut Work<'_>, profile: &mut Profile) -> Result<()> {
    let agent = &mut profile.agent;
    if agent.must_change_password {
        agent.must_change_password = false;
        agent.version += 1;
        agents::save_agent(work.tx, agent).await?;
    }
    Ok(())
}
