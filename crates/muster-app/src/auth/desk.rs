//! Signing in at a desk program, which has the agent type the password and holds no token afterwards: what it opens is
//! presence.

use std::fmt;
use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::agent::{Mode, Profile};
use muster_core::event::Event;
use muster_core::id::IntegrationId;
use muster_core::integration::Integration;
use muster_core::{Error, Refusal, Result, text};
use muster_store::agents;

use super::proven::Proven;
use super::{Origin, second_factor, sign_in};
use crate::passwords::{DESK, Typed};
use crate::presence::{self, Seat};
use crate::{App, Work};

/// Longest telephone number or address, in characters.
const PHONE_MAX: usize = 100;

/// How an agent signs in at a desk program.
#[derive(Clone)]
pub struct DeskSignIn {
    /// The kind of password that is good at this program, beside the desk's own.
    pub password_kind: &'static str,
    /// `None`: the first that the agent's channels permit.
    pub mode: Option<Mode>,
    /// Not to be given work yet, for this reason; `None`: ready.
    pub paused: Option<Option<String>>,
    /// Where the agent is reached.
    pub phone: Option<String>,
}

impl fmt::Debug for DeskSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeskSignIn").field("mode", &self.mode).field("paused", &self.paused).finish_non_exhaustive()
    }
}

impl App {
    /// Signs an agent in at the program that an integration serves: there and at work in a mode for up to twelve hours.
    ///
    /// # Errors
    /// [`muster_core::Error::Invalid`] `pause_reason` or `phone`; then, in this order: [`Refusal::WrongCredentials`], also for an account
    /// that is disabled or locked; [`Refusal::ModeNotPermitted`]; [`Refusal::AlreadyPresent`];
    /// [`Refusal::PhoneInUse`]. [`muster_core::Busy::Passwords`].
    pub async fn sign_in_at_desk(
        &self,
        origin: &Origin,
        integration: &Integration,
        login: &str,
        password: &str,
        sign_in: DeskSignIn,
    ) -> Result<Profile> {
        let seat = Arc::new(self.seat(&sign_in)?);
        let proven = self.check_at_desk(origin, login, password, sign_in.password_kind).await?;
        let caller = caller(&proven, origin, integration.id);
        let written = self.write(&caller, move |work| {
            let (proven, seat) = (Arc::clone(&proven), Arc::clone(&seat));
            Box::pin(async move {
                let mut profile = lock(work, &proven).await?;
                presence::sit_down(work, &mut profile, &seat).await?;
                sign_in::succeed(work, &profile).await?;
                agents::profile(work.tx, profile.agent.id).await
            })
        });
        written.await.map_err(hide_account)
    }

    /// Ends an agent's sign-in at desk programs. Who is there by no other means is gone then.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`], also for an account that is disabled or locked; [`Refusal::NotPresent`];
    /// [`muster_core::Busy::Passwords`].
    pub async fn sign_out_at_desk(
        &self,
        origin: &Origin,
        integration: &Integration,
        login: &str,
        password: &str,
        password_kind: &'static str,
    ) -> Result<Profile> {
        let proven = self.check_at_desk(origin, login, password, password_kind).await?;
        let caller = caller(&proven, origin, integration.id);
        let written = self.write(&caller, move |work| {
            let proven = Arc::clone(&proven);
            Box::pin(async move { leave(work, &proven).await })
        });
        written.await.map_err(hide_account)
    }

    fn seat(&self, sign_in: &DeskSignIn) -> Result<Seat> {
        let reason = match &sign_in.paused {
            Some(Some(reason)) => Some(Some(self.settings().presence.reason(reason)?)),
            Some(None) => Some(None),
            None => None,
        };
        let phone = sign_in.phone.as_deref().map(|phone| text::bounded("phone", phone, 0, PHONE_MAX)).transpose()?;
        Ok(Seat { mode: sign_in.mode, paused: reason, phone: phone.filter(|phone| !phone.is_empty()) })
    }

    async fn check_at_desk(
        &self,
        origin: &Origin,
        login: &str,
        password: &str,
        kind: &'static str,
    ) -> Result<Arc<Proven>> {
        let proven = self.check_password(origin, login, &Typed::Plain(password), &[kind, DESK]).await;
        proven.map(Arc::new).map_err(hide_account)
    }
}

/// Locks the agent. Desk programs ask for no code: whoever has a second factor signs in at them by a password that is
/// good there alone.
async fn lock(work: &mut Work<'_>, proven: &Proven) -> Result<Profile> {
    let profile = proven.lock(work).await?;
    if proven.is_desk() && second_factor::is_on(work.tx, profile.agent.id).await? {
        return Err(Refusal::WrongCredentials.into());
    }
    Ok(profile)
}

async fn leave(work: &mut Work<'_>, proven: &Proven) -> Result<Profile> {
    let mut profile = lock(work, proven).await?;
    let agent = profile.agent.id;
    if !presence::leave_desk(work, &mut profile, "signed_out").await? {
        return Err(Refusal::NotPresent(agent).into());
    }
    work.record(Event::SignInEnded { agent });
    agents::profile(work.tx, agent).await
}

fn caller(proven: &Proven, origin: &Origin, integration: IntegrationId) -> Caller {
    Caller { credential: Some(format!("integration:{integration}")), ..proven.caller(origin) }
}

/// At a desk program nobody is told that an account can't be used.
fn hide_account(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::AccountDisabled) => Refusal::WrongCredentials.into(),
        other => other,
    }
}
