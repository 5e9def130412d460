//! Signing in with name and password.

use std::fmt;
use std::sync::Arc;

use muster_core::actor::{Actor, AgentActor};
use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::{Refusal, Result, Timestamp, text};
use muster_store::agents;
use muster_store::credentials::{self, Session};
use muster_store::db::Tx;

use super::{Origin, secret_hash};
use crate::passwords::DESK;
use crate::{App, Work};

/// A new session: the only time its token is shown.
#[derive(Clone)]
pub struct SignedIn {
    /// The agent as before this sign-in.
    pub profile: Profile,
    pub token: String,
    pub expires_at: Timestamp,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agent = self.profile.agent.id;
        f.debug_struct("SignedIn").field("agent", &agent).field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Whom a name and the password typed with it have to fit.
struct Found {
    profile: Profile,
    hash: Option<String>,
}

impl App {
    /// Opens a session for whoever knows the password. A name with `@` is looked up as e-mail first, then as login.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`], whichever half is wrong; [`Refusal::AccountDisabled`] after a right password to
    /// an account that is disabled or locked; [`muster_core::Busy::Passwords`].
    pub async fn sign_in(&self, origin: &Origin, name: &str, password: &str) -> Result<SignedIn> {
        let key: Arc<str> = text::key(name).into();
        let found = self.read(move |tx| {
            let key = Arc::clone(&key);
            Box::pin(async move { find(tx, &key).await })
        });
        let found = found.await?;
        let hash = found.as_ref().and_then(|found| found.hash.as_deref());
        let is_right = self.verify_password(password, hash).await?;
        let Some(Found { profile, hash: Some(hash) }) = found else { return Err(Refusal::WrongCredentials.into()) };
        if !is_right {
            self.note_failure(origin, profile.agent.id);
            return Err(Refusal::WrongCredentials.into());
        }
        if !profile.agent.is_usable() {
            return Err(Refusal::AccountDisabled.into());
        }
        let caller = origin.caller(Actor::Agent(AgentActor::from(&profile)));
        let (agent, hash, user_agent) = (profile.agent.id, Arc::<str>::from(hash), origin.user_agent.clone());
        self.write(&caller, move |work| {
            let (hash, user_agent) = (Arc::clone(&hash), user_agent.clone());
            Box::pin(async move {
                let profile = agents::lock_profiles(work.tx, &[agent]).await?.pop();
                let profile = profile.ok_or(Refusal::WrongCredentials)?;
                if !profile.agent.is_usable() {
                    return Err(Refusal::AccountDisabled.into());
                }
                if credentials::find_password(work.tx, agent, DESK).await?.as_deref() != Some(&*hash) {
                    return Err(Refusal::WrongCredentials.into());
                }
                open_session(work, profile, user_agent).await
            })
        })
        .await
    }

    /// Records a failed sign-in without letting the caller wait, who could tell from the time that the name exists.
    fn note_failure(&self, origin: &Origin, agent: AgentId) {
        let app = self.clone();
        let caller = origin.caller(Actor::System);
        self.inner.tasks.spawn(async move {
            let noted = app.write(&caller, move |work| {
                Box::pin(async move {
                    work.record(Event::SignInFailed { agent });
                    Ok(())
                })
            });
            if let Err(error) = noted.await {
                tracing::warn!(error = ?error, "a failed sign-in can't be recorded");
            }
        });
    }
}

async fn find(tx: &mut Tx, key: &str) -> Result<Option<Found>> {
    let Some(owner) = agents::sign_in_owner(tx, key).await? else { return Ok(None) };
    let Some(profile) = agents::find_profile(tx, owner.agent).await? else { return Ok(None) };
    let by_email = owner.is_email && profile.agent.login_using_email;
    if !owner.is_login && !by_email {
        return Ok(None);
    }
    let hash = credentials::find_password(tx, owner.agent, DESK).await?;
    Ok(Some(Found { profile, hash }))
}

/// Opens a session for an agent whose row is locked.
pub(crate) async fn open_session(
    work: &mut Work<'_>,
    profile: Profile,
    user_agent: Option<String>,
) -> Result<SignedIn> {
    let (agent, token) = (profile.agent.id, work.draw.token());
    let session = Session {
        token_hash: secret_hash(&token),
        agent,
        kind: "web".to_owned(),
        created_at: work.now,
        expires_at: work.now + work.settings().session_life,
        ended_by: None,
        ip: work.caller.ip.clone(),
        user_agent,
    };
    credentials::delete_expired_sessions(work.tx, work.now).await?;
    credentials::insert_session(work.tx, &session).await?;
    agents::save_last_login(work.tx, agent, work.now).await?;
    work.record(Event::SignInSucceeded { agent });
    Ok(SignedIn { profile, token, expires_at: session.expires_at })
}
