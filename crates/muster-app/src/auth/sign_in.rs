//! Opening sessions.

use std::fmt;
use std::sync::Arc;

use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::{Error, Refusal, Result, Timestamp};
use muster_store::agents;
use muster_store::credentials::{self, Session};

use super::{Origin, SessionKind, second_factor, secret_hash};
use crate::passwords::{DESK, Typed};
use crate::{App, Work, presence};

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

/// What somebody signs in with, beside the name.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    pub password: Typed<'a>,
    /// Of the second factor: a device's code or a recovery code.
    pub code: Option<Code<'a>>,
}

/// A code of the second factor as it was typed.
#[derive(Clone, Copy)]
pub struct Code<'a>(pub &'a str);

impl fmt::Debug for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

impl<'a> From<&'a str> for Presented<'a> {
    fn from(password: &'a str) -> Self {
        Typed::Plain(password).into()
    }
}

impl<'a> From<Typed<'a>> for Presented<'a> {
    fn from(password: Typed<'a>) -> Self {
        Self { password, code: None }
    }
}

impl App {
    /// Opens a web session for whoever knows the password, and has the second factor if the agent has one. A name with
    /// `@` is looked up as e-mail first, then as login.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`], whichever half is wrong; after a right password [`Refusal::AccountDisabled`] to an
    /// account that is disabled or locked, [`Refusal::CodeWanted`] and [`Refusal::WrongCode`];
    /// [`Refusal::TooManyAttempts`]; [`muster_core::Busy::Passwords`].
    pub async fn sign_in(&self, origin: &Origin, name: &str, presented: impl Into<Presented<'_>>) -> Result<SignedIn> {
        self.open(origin, name, presented.into(), SessionKind::Web).await
    }

    pub(super) async fn open(
        &self,
        origin: &Origin,
        name: &str,
        presented: Presented<'_>,
        kind: SessionKind,
    ) -> Result<SignedIn> {
        let proven = Arc::new(self.check_password(origin, name, &presented.password, &[DESK]).await?);
        let caller = proven.caller(origin);
        let agent = proven.agent();
        let code: Option<Arc<str>> = presented.code.map(|code| code.0.into());
        let user_agent = origin.user_agent.clone();
        let opened = self.write_in_reserve(&caller, move |work| {
            let (proven, code, user_agent) = (Arc::clone(&proven), code.clone(), user_agent.clone());
            Box::pin(async move {
                let profile = proven.lock(work).await?;
                second_factor::ask(work, profile.agent.id, code.as_deref()).await?;
                open_session(work, profile, kind, user_agent).await
            })
        });
        let opened = opened.await;
        if let Err(Error::Refused(Refusal::WrongCode)) = opened {
            self.note_failure(&caller, agent);
        }
        opened
    }
}

/// Opens a session for an agent whose row is locked.
pub(crate) async fn open_session(
    work: &mut Work<'_>,
    mut profile: Profile,
    kind: SessionKind,
    user_agent: Option<String>,
) -> Result<SignedIn> {
    let (agent, token) = (profile.agent.id, work.draw.token());
    let session = Session {
        token_hash: secret_hash(&token),
        public_id: work.draw.public_id(),
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
    if kind == SessionKind::Token {
        presence::show_sign_in(work, &mut profile).await?;
    }
    Ok(SignedIn { profile, token, expires_at: session.expires_at })
}

/// Records that an agent whose row is locked has signed in.
pub(super) async fn succeed(work: &mut Work<'_>, profile: &Profile) -> Result<()> {
    let agent = profile.agent.id;
    agents::save_last_login(work.tx, agent, work.now).await?;
    work.record(Event::SignInSucceeded { agent });
    Ok(())
}
