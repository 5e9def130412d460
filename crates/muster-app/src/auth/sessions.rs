//! Sessions: what a token opens, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::{AgentActor, Caller};
use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::id::PublicId;
use muster_core::second_factor::Hold;
use muster_core::{Error, Refusal, Result, Timestamp};
use muster_store::credentials::Session;
use muster_store::{agents, credentials};

use super::cache::{Credential, Known};
use super::{second_factor, secret_hash};
use crate::{App, Settings, Work, presence};

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

    /// Why a session of this agent reaches the own account alone. A program can't change a password: its user is asked
    /// to, as its product does.
    fn hold(self, settings: &Settings, profile: &Profile, has_factor: bool) -> Option<Hold> {
        if self == Self::Web && profile.agent.must_change_password {
            Some(Hold::ChangePassword)
        } else if !has_factor && settings.second_factor.holds_for(profile) {
            Some(Hold::SetUpSecondFactor)
        } else {
            None
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

/// What a session is, beside whose.
#[derive(Debug, Clone)]
pub(crate) struct SessionFacts {
    name: String,
    held: Option<Hold>,
}

/// Who is behind a session.
#[derive(Debug, Clone)]
pub struct SessionActor {
    /// Without any rights while the session is held.
    pub actor: AgentActor,
    /// Why the session reaches no further than the own account.
    pub held: Option<Hold>,
    /// A name for the session that isn't its secret: [`Caller::credential`] of whatever it asks for. Signing out ends
    /// the proofs of presence made under it.
    pub credential: String,
    pub expires_at: Timestamp,
}

impl SessionActor {
    pub(super) fn new(known: &Known, expires_at: Timestamp) -> Result<Self> {
        let SessionFacts { name, held } = known.session.clone().ok_or(Error::Unauthenticated)?;
        let actor = (*known.actor).clone();
        let actor = if held.is_some() { actor.without_rights() } else { actor };
        Ok(Self { actor, held, credential: name, expires_at })
    }

    /// Passes a session on that reaches the whole desk.
    pub(super) fn unless_held(self) -> Result<Self> {
        match self.held {
            Some(hold) => Err(Refusal::Held(hold).into()),
            None => Ok(self),
        }
    }
}

/// What a session is called where it isn't to be used.
fn name(id: &PublicId) -> String {
    format!("session:{id}")
}

impl App {
    /// Who is behind a web session's token. Remembered.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an unknown, ended or expired session; [`Refusal::AccountDisabled`] once, for a
    /// session that ended because its agent was disabled or locked; [`Refusal::Held`].
    pub async fn authenticate_session(&self, token: &str) -> Result<SessionActor> {
        self.authenticate_session_for_own_account(token).await?.unless_held()
    }

    /// The same for what concerns the agent's own account alone, for which a session is good that is held.
    ///
    /// # Errors
    /// As [`Self::authenticate_session`], but for [`Refusal::Held`].
    pub async fn authenticate_session_for_own_account(&self, token: &str) -> Result<SessionActor> {
        let (known, expires_at) = self.known_session(SessionKind::Web, &secret_hash(token)).await?;
        SessionActor::new(&known, expires_at)
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
                let has_factor = second_factor::is_on(tx, session.agent).await?;
                Ok(Some((session, profile, has_factor)))
            })
        });
        let (session, profile, has_factor) = found.await?.ok_or(Error::Unauthenticated)?;
        if session.expires_at <= self.now() {
            return Err(Error::Unauthenticated);
        }
        if session.ended_by.is_some() {
            return Err(self.bury(session).await?);
        }
        let profile = profile.filter(|profile| profile.agent.is_usable()).ok_or(Error::Unauthenticated)?;
        let held = kind.hold(self.settings(), &profile, has_factor);
        let facts = SessionFacts { name: name(&session.public_id), held };
        let known = Known::new(hash.to_owned(), Some(session.expires_at), &profile, Some(facts));
        self.inner.cache.keep(since, Credential::Session(kind, hash.to_owned()), known.clone());
        Ok(known)
    }

    /// Deletes a session that was ended, and says what to answer: whoever deletes it is told why.
    async fn bury(&self, session: Session) -> Result<Error> {
        let hash: Arc<str> = session.token_hash.into();
        let caller = Caller::system();
        let deleted = self.write_in_reserve(&caller, move |work| {
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
                match agents::lock_profiles(work.tx, &[session.agent]).await?.pop() {
                    Some(mut profile) => end(work, &mut profile, &session).await.map(drop),
                    None => credentials::delete_session(work.tx, &hash).await.map(drop),
                }
            })
        })
        .await
    }
}

/// Ends a session of an agent whose row is locked, and the presence that was proven under it. False if it has ended
/// already.
pub(super) async fn end(work: &mut Work<'_>, profile: &mut Profile, session: &Session) -> Result<bool> {
    if !credentials::delete_session(work.tx, &session.token_hash).await? {
        return Ok(false);
    }
    work.record(Event::SignInEnded { agent: session.agent });
    presence::sign_out(work, profile, &name(&session.public_id)).await?;
    if session.kind == SessionKind::Token.as_str() {
        presence::forget_sign_in(work, profile).await?;
    }
    Ok(true)
}
