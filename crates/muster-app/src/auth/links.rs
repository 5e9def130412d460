//! One-time links: invitations and resets. (The link that sets up the desk is in [`crate::setup`].)

use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::{Actor, AgentActor, Caller};
use muster_core::agent::{AgentKind, Profile, check_ceiling};
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::permission::{Permission, Permissions};
use muster_core::{Entity, Error, Refusal, Result, Timestamp, password, text};
use muster_store::agents;
use muster_store::credentials::{self, Link};
use muster_store::db::Tx;

use super::{Ending, Origin, revoke, secret_hash};
use crate::agents::check_served;
use crate::mail::mail_link;
use crate::passwords::DESK;
use crate::{App, Settings, Work};

/// How long a link can be used.
pub(crate) const LINK_LIFE: Duration = Duration::from_secs(24 * 3600);

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A new agent chooses a first password.
    Invite,
    Reset,
}

impl Purpose {
    pub const ALL: [Self; 2] = [Self::Invite, Self::Reset];

    /// The word kept in the store.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
        }
    }

    /// The job that mails such a link.
    #[must_use]
    pub const fn job(self) -> &'static str {
        match self {
            Self::Invite => "mail.welcome",
            Self::Reset => "mail.reset",
        }
    }

    /// What the links are for that the job called `name` mails.
    pub(crate) fn of_job(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.job() == name)
    }
}

/// A link that was made for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeLink {
    pub url: String,
    pub expires_at: Timestamp,
}

/// For whom a link is to be made.
#[derive(Debug, Clone)]
enum Whom {
    Agent(AgentId),
    /// By the key of a sign-in name.
    Named(Arc<str>),
}

impl App {
    /// Sends a link to whoever has this address. Never tells whether anybody has.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn request_password_reset(&self, origin: &Origin, email: &str) -> Result<()> {
        let key: Arc<str> = text::key(email).into();
        self.write(&origin.caller(Actor::System), move |work| {
            let key = Arc::clone(&key);
            Box::pin(async move {
                let Some(owner) = agents::sign_in_owner(work.tx, &key).await? else { return Ok(()) };
                let profile = agents::lock_profiles(work.tx, &[owner.agent]).await?.pop();
                match profile {
                    Some(profile) if owner.is_email && profile.agent.is_usable() => {
                        mail_link(work, owner.agent, Purpose::Reset).await
                    }
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// Sets a password by a link's token, which is used up; all sign-ins of the agent end.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a weak password; [`Refusal::LinkExpired`]; [`muster_core::Busy::Passwords`].
    pub async fn set_password_by_link(&self, origin: &Origin, token: &str, password: &str) -> Result<()> {
        password::check_desk("password", password)?;
        let link: Arc<str> = secret_hash(token).into();
        let (now, wanted) = (self.now(), Arc::clone(&link));
        let profile = self.read(move |tx| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move { owner_of(tx, &wanted, now).await })
        });
        let profile = profile.await?.ok_or(Refusal::LinkExpired)?;
        let hash: Arc<str> = self.hash_password(password).await?.into();
        let caller = origin.caller(Actor::Agent(AgentActor::from(&profile)));
        let agent = profile.agent.id;
        self.write(&caller, move |work| {
            let (link, hash) = (Arc::clone(&link), Arc::clone(&hash));
            Box::pin(async move {
                let mut profile = agents::lock_profiles(work.tx, &[agent]).await?.pop().ok_or(Refusal::LinkExpired)?;
                if !credentials::use_link(work.tx, &link, work.now).await? {
                    return Err(Refusal::LinkExpired.into());
                }
                verify_email(work, &mut profile).await?;
                set_password(work, &mut profile, &hash).await
            })
        })
        .await
    }

    /// A link for a new agent to choose a first password, in place of all links before it.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`] for an unknown address; [`Refusal::AccountDisabled`].
    pub async fn invite_link(&self, caller: &Caller, email: &str) -> Result<String> {
        self.link_of(caller, named(email), Purpose::Invite).await.map(|link| link.url)
    }

    /// [`Self::invite_link`] for an agent who is known by id.
    ///
    /// # Errors
    /// As [`Self::invite_link`]; [`Refusal::BuiltIn`] for whoever is no person.
    pub async fn invite_agent(&self, caller: &Caller, id: AgentId) -> Result<OneTimeLink> {
        self.link_of(caller, Whom::Agent(id), Purpose::Invite).await
    }

    /// A link for an agent to choose a new password, in place of all links before it.
    ///
    /// # Errors
    /// As [`Self::invite_link`].
    pub async fn reset_password_link(&self, caller: &Caller, email: &str) -> Result<String> {
        self.link_of(caller, named(email), Purpose::Reset).await.map(|link| link.url)
    }

    async fn link_of(&self, caller: &Caller, whom: Whom, purpose: Purpose) -> Result<OneTimeLink> {
        caller.actor.require(Permission::UsersManage)?;
        self.write(caller, move |work| {
            let whom = whom.clone();
            Box::pin(async move {
                let agent = match whom {
                    Whom::Agent(agent) => agent,
                    Whom::Named(key) => {
                        let owner = agents::sign_in_owner(work.tx, &key).await?;
                        owner.ok_or(Error::NotFound(Entity::Agent))?.agent
                    }
                };
                let profile = agents::lock_profile(work.tx, agent).await?;
                check_invitable(work, &profile)?;
                let (token, expires_at) = create_link(work, agent, purpose).await?;
                Ok(OneTimeLink { url: url(work.settings(), &token), expires_at })
            })
        })
        .await
    }
}

fn named(email: &str) -> Whom {
    Whom::Named(text::key(email).into())
}

fn check_invitable(work: &Work<'_>, profile: &Profile) -> Result<()> {
    check_served(work.actor(), profile)?;
    if profile.agent.kind != AgentKind::Human {
        return Err(Refusal::BuiltIn(Entity::Agent).into());
    }
    check_ceiling(work.caller.actor.permissions(), profile.granted(), Permissions::NONE)?;
    if profile.agent.is_usable() { Ok(()) } else { Err(Refusal::AccountDisabled.into()) }
}

/// The usable agent whom a link belongs to that can still be used.
async fn owner_of(tx: &mut Tx, hash: &str, now: Timestamp) -> Result<Option<Profile>> {
    let link = credentials::find_link(tx, hash, now).await?;
    let Some(agent) = link.and_then(|link| link.agent) else { return Ok(None) };
    Ok(agents::find_profile(tx, agent).await?.filter(|profile| profile.agent.is_usable()))
}

/// Where a link leads.
pub(crate) fn url(settings: &Settings, token: &str) -> String {
    // Wire (documented): the page and its parameter are what mails of the native API's product link to.
    format!("{}/set-password?token={token}", settings.public_url)
}

/// Makes a link for an agent whose row is locked, and returns its token and when it ends. Older ones can't be used any more.
pub(crate) async fn create_link(work: &mut Work<'_>, agent: AgentId, purpose: Purpose) -> Result<(String, Timestamp)> {
    let token = work.draw.token();
    let link = Link {
        hash: secret_hash(&token),
        agent: Some(agent),
        purpose: purpose.as_str().to_owned(),
        created_at: work.now,
        expires_at: work.now + LINK_LIFE,
    };
    credentials::delete_links_of_agent(work.tx, agent).await?;
    credentials::insert_link(work.tx, &link).await?;
    work.record(Event::LinkCreated { agent, purpose: link.purpose });
    Ok((token, link.expires_at))
}

/// Stores a desk password of an agent whose row is locked, and ends the sign-ins.
pub(crate) async fn set_password(work: &mut Work<'_>, profile: &mut Profile, hash: &str) -> Result<()> {
    let agent = profile.agent.id;
    credentials::save_password(work.tx, agent, DESK, hash, work.now).await?;
    work.record(Event::PasswordSet { agent });
    revoke(work, profile, Ending::PasswordChanged).await
}

/// Whoever used a link that was mailed reads mail at that address.
async fn verify_email(work: &mut Work<'_>, profile: &mut Profile) -> Result<()> {
    let agent = &mut profile.agent;
    if !agent.email_verified || agent.must_change_password {
        agent.email_verified = agent.email.is_some();
        agent.must_change_password = false;
        agent.version += 1;
        agents::save_agent(work.tx, agent).await?;
    }
    Ok(())
}
