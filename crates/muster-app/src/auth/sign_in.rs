//! Opening sessions.

use std::fmt;
use std::sync::Arc;

use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::{Result, Timestamp};
use muster_store::agents;
use muster_store::credentials::{self, Session};

use super::{Origin, SessionKind, secret_hash};
use crate::passwords::{DESK, Typed};
use crate::{App, Work};

/// A session and its token.
#[derive(Clone)]
pub struct SignedIn {
    /// The agent's account as before this sign-in, with the presence of after it.
    pub profile: Profile,
    /// Shown this once.
    pub token: String,
    pub expires_at: Timestamp,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agent = self.profile.agent.id;
        f.debug_struct("SignedIn").field("agent", &agent).field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl App {
    /// Opens a web session for whoever knows the password. A name with `@` is looked up as e-mail first, then as login.
    ///
    /// # Errors
    /// [`muster_core::Refusal::WrongCredentials`], whichever half is wrong; [`muster_core::Refusal::AccountDisabled`]
    /// after a right password to an account that is disabled or locked; [`muster_core::Busy::Passwords`].
    pub async fn sign_in(&self, origin: &Origin, name: &str, password: &str) -> Result<SignedIn> {
        let proven = Arc::new(self.check_password(origin, name, &Typed::Plain(password), &[DESK]).await?);
        let user_agent = origin.user_agent.clone();
        self.write_in_reserve(&proven.caller(origin), move |work| {
            let (proven, user_agent) = (Arc::clone(&proven), user_agent.clone());
            Box::pin(async move {
                let profile = proven.lock(work).await?;
                open_session(work, profile, SessionKind::Web, user_agent).await
            })
        })
        .await
    }
}

/// Opens a session for an agent whose row is locked.
pub(crate) async fn open_session(
    work: &mut Work<'_>,
    profile: Profile,
    kind: SessionKind,
    user_agent: Option<String>,
) -> Result<SignedIn> {
    let (agent, token) = (profile.agent.id, work.draw.token());
    let session = Session {
        token_hash: secret_hash(&token),
        agent,
        kind: kind.as_str().to_owned(),
        created_at: work.now,
        expires_at: work.now + kind.life(work.settings()),
        ended_by: None,
        ip: work.caller.ip.clone(),
        user_agent,
    };
    credentials::delete_expired_sessions(work.tx, work.now).await?;
    credentials::insert_session(work.tx, &session).await?;
    succeed(work, &profile).await?;
    Ok(SignedIn { profile, token, expires_at: session.expires_at })
}

/// Records that an agent whose row is locked has signed in.
pub(super) async fn succeed(work: &mut Work<'_>, profile: &Profile) -> Result<()> {
    let agent = profile.agent.id;
    agents::save_last_login(work.tx, agent, work.now).await?;
    work.record(Event::SignInSucceeded { agent });
    Ok(())
}
