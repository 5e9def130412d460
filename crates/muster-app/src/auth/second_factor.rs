//! The second factor: setting it up, asking for its codes, and ending it.

use std::fmt;
use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_core::second_factor::{PENDING, RECOVERY_CODES, Secret, Typed, recovery_code};
use muster_core::{Entity, Error, Refusal, Result, text};
use muster_store::credentials::{self, SecondFactor};
use muster_store::{agents, db::Tx};

use super::attempts::Account;
use super::keys::check_reach;
use super::{own_sessions, secret_hash};
use crate::{App, Work, presence};

/// What devices call the desk.
const ISSUER: &str = "Muster";

/// What an agent gives to the own device; shown this once.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// In base32.
    pub secret: String,
    /// `otpauth://totp/…`
    pub uri: String,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment").finish_non_exhaustive()
    }
}

/// How an agent's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactorState {
    pub enabled: bool,
    /// The desk asks this agent for one.
    pub required: bool,
    pub recovery_codes_left: i64,
}

impl App {
    /// How the calling agent's second factor stands.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the caller isn't an agent.
    pub async fn my_second_factor(&self, caller: &Caller) -> Result<SecondFactorState> {
        let (agent, requirement) = (caller.actor.agent()?.id, self.settings().second_factor);
        self.read(move |tx| {
            Box::pin(async move {
                let profile = agents::find_profile(tx, agent).await?.ok_or(Error::Unauthenticated)?;
                let enabled = is_on(tx, agent).await?;
                let recovery_codes_left = credentials::count_recovery_codes(tx, agent).await?;
                Ok(SecondFactorState { enabled, required: requirement.holds_for(&profile), recovery_codes_left })
            })
        })
        .await
    }

    /// Draws a secret for the calling agent's device, in place of one that has waited. It counts once a code of it
    /// was given, within ten minutes.
    ///
    /// # Errors
    /// [`Refusal::WrongPassword`]; [`Refusal::TooManyAttempts`]; [`Refusal::SecondFactorIsOn`];
    /// [`muster_core::Busy::Passwords`].
    pub async fn begin_second_factor(&self, caller: &Caller, password: &str) -> Result<Enrolment> {
        let proven = Arc::new(self.prove_oneself(caller, password).await?);
        self.write(caller, move |work| {
            let proven = Arc::clone(&proven);
            Box::pin(async move {
                let profile = proven.lock(work).await?;
                begin(work, &profile).await
            })
        })
        .await
    }

    /// Turns the second factor on by a first code of the device, and ends the agent's other sessions: `token` is that of
    /// the one that stays. Answers the recovery codes, shown this once.
    ///
    /// # Errors
    /// [`Refusal::SecondFactorIsOff`] if no secret waits for a code; [`Refusal::WrongCode`];
    /// [`Refusal::TooManyAttempts`].
    pub async fn confirm_second_factor(&self, caller: &Caller, token: &str, code: &str) -> Result<Vec<String>> {
        let agent = caller.actor.agent()?.id;
        let (current, code): (Arc<str>, Arc<str>) = (secret_hash(token).into(), code.into());
        let confirmed = self.write(caller, move |work| {
            let (current, code) = (Arc::clone(&current), Arc::clone(&code));
            Box::pin(async move {
                let mut profile = lock(work, agent).await?;
                confirm(work, agent, &code).await?;
                end_sign_ins(work, &mut profile, Some(&current)).await?;
                work.record(Event::SecondFactorEnabled { agent });
                make_recovery_codes(work, agent).await
            })
        });
        self.noting_wrong_codes(caller, confirmed.await)
    }

    /// Makes new recovery codes in place of the old ones.
    ///
    /// # Errors
    /// [`Refusal::WrongPassword`]; [`Refusal::SecondFactorIsOff`]; [`Refusal::WrongCode`];
    /// [`Refusal::TooManyAttempts`]; [`muster_core::Busy::Passwords`].
    pub async fn renew_recovery_codes(&self, caller: &Caller, password: &str, code: &str) -> Result<Vec<String>> {
        let proven = Arc::new(self.prove_oneself(caller, password).await?);
        let code: Arc<str> = code.into();
        let renewed = self.write(caller, move |work| {
            let (proven, code) = (Arc::clone(&proven), Arc::clone(&code));
            Box::pin(async move {
                let agent = proven.lock(work).await?.agent.id;
                let factor = confirmed(work.tx, agent).await?.ok_or(Refusal::SecondFactorIsOff)?;
                spend(work, factor, &code).await?;
                work.record(Event::RecoveryCodesReplaced { agent });
                make_recovery_codes(work, agent).await
            })
        });
        self.noting_wrong_codes(caller, renewed.await)
    }

    /// Turns the calling agent's second factor off.
    ///
    /// # Errors
    /// As [`Self::renew_recovery_codes`].
    pub async fn end_second_factor(&self, caller: &Caller, password: &str, code: &str) -> Result<()> {
        let proven = Arc::new(self.prove_oneself(caller, password).await?);
        let code: Arc<str> = code.into();
        let ended = self.write(caller, move |work| {
            let (proven, code) = (Arc::clone(&proven), Arc::clone(&code));
            Box::pin(async move {
                let agent = proven.lock(work).await?.agent.id;
                let factor = confirmed(work.tx, agent).await?.ok_or(Refusal::SecondFactorIsOff)?;
                spend(work, factor, &code).await?;
                credentials::delete_second_factor(work.tx, agent).await?;
                work.record(Event::SecondFactorDisabled { agent });
                Ok(())
            })
        });
        self.noting_wrong_codes(caller, ended.await)
    }

    /// Takes somebody else's second factor away, who has lost the device and the recovery codes; their sessions end.
    /// Tells whether there was one.
    ///
    /// # Errors
    /// [`Error::Denied`], also to one's own account; [`Error::NotFound`]; [`Refusal::BuiltIn`].
    pub async fn reset_second_factor(&self, caller: &Caller, agent: AgentId) -> Result<bool> {
        caller.actor.require(Permission::UsersManage)?;
        if caller.actor.agent().is_ok_and(|own| own.id == agent) {
            // The own one ends by password and code.
            return Err(Error::Denied(Permission::UsersManage));
        }
        self.write(caller, move |work| {
            Box::pin(async move {
                let mut profile = agents::lock_profile(work.tx, agent).await?;
                check_reach(work.actor(), &profile)?;
                reset(work, &mut profile).await
            })
        })
        .await
    }

    /// The same for whoever has this address.
    ///
    /// # Errors
    /// As [`Self::reset_second_factor`].
    pub async fn reset_second_factor_of(&self, caller: &Caller, email: &str) -> Result<bool> {
        caller.actor.require(Permission::UsersManage)?;
        let key: Arc<str> = text::key(email).into();
        let owner = self.read(move |tx| {
            let key = Arc::clone(&key);
            Box::pin(async move { agents::sign_in_owner(tx, &key).await })
        });
        let owner = owner.await?.ok_or(Error::NotFound(Entity::Agent))?;
        self.reset_second_factor(caller, owner.agent).await
    }

    /// Passes a result on, and records a wrong code as a failed sign-in.
    fn noting_wrong_codes<T>(&self, caller: &Caller, result: Result<T>) -> Result<T> {
        if let (Err(Error::Refused(Refusal::WrongCode)), Ok(agent)) = (&result, caller.actor.agent()) {
            self.note_failure(caller, agent.id);
        }
        result
    }
}

/// Whether codes are asked for at this agent's sign-in.
pub(super) async fn is_on(tx: &mut Tx, agent: AgentId) -> Result<bool> {
    Ok(confirmed(tx, agent).await?.is_some())
}

async fn confirmed(tx: &mut Tx, agent: AgentId) -> Result<Option<SecondFactor>> {
    let found = credentials::find_second_factor(tx, agent).await?;
    Ok(found.filter(|factor| factor.confirmed_at.is_some()))
}

/// Asks an agent whose row is locked for a code, if there is a second factor.
///
/// # Errors
/// [`Refusal::CodeWanted`]; [`Refusal::WrongCode`]; [`Refusal::TooManyAttempts`].
pub(super) async fn ask(work: &mut Work<'_>, agent: AgentId, code: Option<&str>) -> Result<()> {
    let Some(factor) = confirmed(work.tx, agent).await? else { return Ok(()) };
    match code.filter(|code| !code.trim().is_empty()) {
        Some(code) => spend(work, factor, code).await,
        None => Err(Refusal::CodeWanted.into()),
    }
}

/// Takes a code of whichever kind, once.
async fn spend(work: &mut Work<'_>, factor: SecondFactor, code: &str) -> Result<()> {
    let account = Account::Agent(factor.agent);
    work.attempts().check(account, work.now)?;
    let is_right = match Typed::read(code) {
        Typed::Code(code) => spend_step(work, factor, &code).await?,
        Typed::Recovery(code) => spend_recovery_code(work, factor.agent, &code).await?,
    };
    if is_right {
        return Ok(());
    }
    work.attempts().fail(account, work.now)?;
    Err(Refusal::WrongCode.into())
}

async fn spend_step(work: &mut Work<'_>, factor: SecondFactor, code: &str) -> Result<bool> {
    let step = secret_of(work, &factor)?.fitting_step(code, work.now, factor.last_step);
    if step.is_some() {
        credentials::save_second_factor(work.tx, &SecondFactor { last_step: step, ..factor }).await?;
    }
    Ok(step.is_some())
}

async fn spend_recovery_code(work: &mut Work<'_>, agent: AgentId, code: &str) -> Result<bool> {
    if !credentials::use_recovery_code(work.tx, agent, &secret_hash(code)).await? {
        return Ok(false);
    }
    let left = credentials::count_recovery_codes(work.tx, agent).await?;
    work.record(Event::RecoveryCodeUsed { agent, left });
    Ok(true)
}

fn secret_of(work: &Work<'_>, factor: &SecondFactor) -> Result<Secret> {
    let opened = work.seal().open(&factor.sealed_secret)?;
    Secret::parse(&opened).ok_or_else(|| Error::internal("a stored second factor is none"))
}

async fn begin(work: &mut Work<'_>, profile: &Profile) -> Result<Enrolment> {
    let agent = &profile.agent;
    if is_on(work.tx, agent.id).await? {
        return Err(Refusal::SecondFactorIsOn.into());
    }
    let secret = Secret::from_random(work.draw.bytes());
    let factor = SecondFactor {
        agent: agent.id,
        sealed_secret: work.seal().close(&secret.base32(), &mut work.draw)?,
        created_at: work.now,
        confirmed_at: None,
        last_step: None,
    };
    credentials::save_second_factor(work.tx, &factor).await?;
    let uri = secret.uri(ISSUER, agent.email.as_deref().unwrap_or(&agent.login));
    Ok(Enrolment { secret: secret.base32(), uri })
}

async fn lock(work: &mut Work<'_>, agent: AgentId) -> Result<Profile> {
    let profile = agents::lock_profiles(work.tx, &[agent]).await?.pop();
    profile.filter(|profile| profile.agent.is_usable()).ok_or(Error::Unauthenticated)
}

async fn confirm(work: &mut Work<'_>, agent: AgentId, code: &str) -> Result<()> {
    let found = credentials::find_second_factor(work.tx, agent).await?;
    let waits = |factor: &SecondFactor| factor.confirmed_at.is_none() && factor.created_at + PENDING > work.now;
    let factor = found.filter(waits).ok_or(Refusal::SecondFactorIsOff)?;
    let account = Account::Agent(agent);
    work.attempts().check(account, work.now)?;
    let secret = secret_of(work, &factor)?;
    let step = match Typed::read(code) {
        Typed::Code(code) => secret.fitting_step(&code, work.now, None),
        Typed::Recovery(_) => None,
    };
    if step.is_none() {
        work.attempts().fail(account, work.now)?;
        return Err(Refusal::WrongCode.into());
    }
    let confirmed = SecondFactor { confirmed_at: Some(work.now), last_step: step, ..factor };
    credentials::save_second_factor(work.tx, &confirmed).await
}

async fn make_recovery_codes(work: &mut Work<'_>, agent: AgentId) -> Result<Vec<String>> {
    credentials::delete_recovery_codes(work.tx, agent).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code(work.draw.bytes())).collect();
    for code in &codes {
        if let Typed::Recovery(read) = Typed::read(code) {
            credentials::insert_recovery_code(work.tx, agent, &secret_hash(&read)).await?;
        }
    }
    Ok(codes)
}

/// Ends all sign-ins, at desk programs too, but the session of this hash.
async fn end_sign_ins(work: &mut Work<'_>, profile: &mut Profile, but: Option<&str>) -> Result<()> {
    own_sessions::end_all(work, profile, but).await?;
    presence::leave_desk(work, profile, "second_factor").await.map(drop)
}

/// Takes the second factor away, also one that was never confirmed. Tells whether it was on.
async fn reset(work: &mut Work<'_>, profile: &mut Profile) -> Result<bool> {
    let agent = profile.agent.id;
    let was_on = is_on(work.tx, agent).await?;
    credentials::delete_second_factor(work.tx, agent).await?;
    if was_on {
        end_sign_ins(work, profile, None).await?;
        work.record(Event::SecondFactorDisabled { agent });
    }
    Ok(was_on)
}
