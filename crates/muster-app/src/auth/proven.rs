//! Who knows a password: the one check for every kind of sign-in.

use std::sync::Arc;

use muster_core::actor::{Actor, AgentActor, Caller};
use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::{Error, Refusal, Result, text};
use muster_store::db::Tx;
use muster_store::{agents, credentials};

use super::Origin;
use super::attempts::Account;
use crate::passwords::{DESK, Typed};
use crate::{App, Work};

/// An agent whose password was typed, as of a moment ago.
#[derive(Debug)]
pub(super) struct Proven {
    profile: Profile,
    /// The kind of the password, and what is stored of it.
    kind: &'static str,
    hash: String,
}

/// Whom a name belongs to, with what is stored of the passwords that were asked for.
struct Found {
    profile: Profile,
    hashes: Vec<Option<String>>,
}

impl App {
    /// Who has this name and knows a password of one of these kinds. A name with `@` is looked up as e-mail, unless the
    /// agent doesn't sign in by it, then as login. Takes as long whether or not anybody has the name.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`], whichever half is wrong; [`Refusal::AccountDisabled`] after a right password to
    /// an account that is disabled or locked; [`Refusal::TooManyAttempts`]; [`muster_core::Busy::Passwords`].
    pub(super) async fn check_password(
        &self,
        origin: &Origin,
        name: &str,
        typed: &Typed<'_>,
        kinds: &[&'static str],
    ) -> Result<Proven> {
        let key = text::key(name);
        let found = self.find_owner(&key, kinds).await?;
        let account =
            found.as_ref().map_or_else(|| Account::nobody(&key), |found| Account::Agent(found.profile.agent.id));
        self.inner.attempts.check(account, self.now())?;
        let Some((kind, hash)) = self.right_password(typed, kinds, found.as_ref()).await? else {
            self.inner.attempts.fail(account, self.now())?;
            if let Some(found) = found.filter(|found| found.hashes.iter().any(Option::is_some)) {
                self.note_failure(&origin.caller(Actor::System), found.profile.agent.id);
            }
            return Err(Refusal::WrongCredentials.into());
        };
        self.inner.attempts.check(account, self.now())?;
        let Some(Found { profile, .. }) = found else { return Err(Refusal::WrongCredentials.into()) };
        if profile.agent.is_usable() {
            Ok(Proven { profile, kind, hash })
        } else {
            Err(Refusal::AccountDisabled.into())
        }
    }

    /// Which of the passwords that were asked for was typed, and its hash. All are verified, so that the answer takes as
    /// long whatever it is.
    async fn right_password(
        &self,
        typed: &Typed<'_>,
        kinds: &[&'static str],
        found: Option<&Found>,
    ) -> Result<Option<(&'static str, String)>> {
        let mut right = None;
        for (at, kind) in kinds.iter().enumerate() {
            let hash = found.and_then(|found| found.hashes[at].as_deref());
            if self.verify_password(typed, hash).await? {
                right = right.or(hash.map(|hash| (*kind, hash.to_owned())));
            }
        }
        Ok(right)
    }

    /// The agent who asks, by the own password typed anew.
    ///
    /// # Errors
    /// [`Refusal::WrongPassword`]; [`Refusal::TooManyAttempts`]; [`muster_core::Error::Unauthenticated`] if the caller
    /// isn't an agent; [`muster_core::Busy::Passwords`].
    pub(super) async fn prove_oneself(&self, caller: &Caller, password: &str) -> Result<Proven> {
        let agent = caller.actor.agent()?.id;
        let account = Account::Agent(agent);
        self.inner.attempts.check(account, self.now())?;
        let found = self.read(move |tx| {
            Box::pin(async move {
                let profile = agents::profile(tx, agent).await?;
                Ok((profile, credentials::find_password(tx, agent, DESK).await?))
            })
        });
        let (profile, hash) = found.await?;
        let is_right = self.verify_password(&Typed::Plain(password), hash.as_deref()).await?;
        match hash {
            Some(hash) if is_right => {
                self.inner.attempts.check(account, self.now())?;
                Ok(Proven { profile, kind: DESK, hash })
            }
            _ => {
                self.inner.attempts.fail(account, self.now())?;
                self.note_failure(caller, agent);
                Err(Refusal::WrongPassword.into())
            }
        }
    }

    async fn find_owner(&self, key: &str, kinds: &[&'static str]) -> Result<Option<Found>> {
        if !text::is_storable(key) {
            return Ok(None);
        }
        let (key, kinds): (Arc<str>, Arc<[&'static str]>) = (key.into(), kinds.into());
        let found = self.read(move |tx| {
            let (key, kinds) = (Arc::clone(&key), Arc::clone(&kinds));
            Box::pin(async move { find(tx, &key, &kinds).await })
        });
        found.await
    }

    /// Records a failed sign-in without letting the caller wait, who could tell from the time that the name exists.
    pub(super) fn note_failure(&self, caller: &Caller, agent: AgentId) {
        let app = self.clone();
        let caller = Caller { actor: Actor::System, ..caller.clone() };
        self.inner.tasks.spawn(async move {
            let noted = app.write(&caller, move |work| {
                Box::pin(async move {
                    work.record(Event::SignInFailed { agent });
                    Ok(())
                })
            });
            match noted.await {
                Ok(()) => {}
                Err(Error::Busy(busy)) => tracing::debug!(%busy, "a failed sign-in can't be recorded"),
                Err(error) => tracing::warn!(error = ?error, "a failed sign-in can't be recorded"),
            }
        });
    }
}

impl Proven {
    /// The agent as the one who asks.
    pub(super) fn caller(&self, origin: &Origin) -> Caller {
        origin.caller(Actor::Agent(AgentActor::from(&self.profile)))
    }

    pub(super) const fn agent(&self) -> AgentId {
        self.profile.agent.id
    }

    /// Whether it was the password of the desk's own sign-in.
    pub(super) fn is_desk(&self) -> bool {
        self.kind == DESK
    }

    /// Locks the agent, and makes sure that the password is still the one that was verified.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`] and [`Refusal::AccountDisabled`] if that has changed meanwhile.
    pub(super) async fn lock(&self, work: &mut Work<'_>) -> Result<Profile> {
        let agent = self.profile.agent.id;
        let profile = agents::lock_profiles(work.tx, &[agent]).await?.pop().ok_or(Refusal::WrongCredentials)?;
        if !profile.agent.is_usable() {
            return Err(Refusal::AccountDisabled.into());
        }
        match credentials::find_password(work.tx, agent, self.kind).await? {
            Some(hash) if hash == self.hash => Ok(profile),
            _ => Err(Refusal::WrongCredentials.into()),
        }
    }
}

async fn find(tx: &mut Tx, key: &str, kinds: &[&'static str]) -> Result<Option<Found>> {
    let Some(owner) = agents::sign_in_owner(tx, key).await? else { return Ok(None) };
    let Some(profile) = agents::find_profile(tx, owner.agent).await? else { return Ok(None) };
    let by_email = owner.is_email && profile.agent.login_using_email;
    if !owner.is_login && !by_email {
        return Ok(None);
    }
    let mut hashes = Vec::with_capacity(kinds.len());
    for kind in kinds {
        hashes.push(credentials::find_password(tx, owner.agent, kind).await?);
    }
    Ok(Some(Found { profile, hashes }))
}
