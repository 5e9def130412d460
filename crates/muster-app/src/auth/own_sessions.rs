//! The list of an agent's sessions, and their end one by one.

use std::sync::Arc;

use muster_core::actor::{Actor, Caller};
use muster_core::agent::Profile;
use muster_core::id::{AgentId, PublicId};
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Result, Timestamp};
use muster_store::credentials::{self, Session};
use muster_store::{agents, db::Tx};

use super::keys::check_reach;
use super::{secret_hash, sessions};
use crate::{App, Work};

/// Longest name of a browser that is shown, in characters.
const USER_AGENT_MAX: usize = 120;

/// Whose sessions are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// The caller's, who asks under the session of this token.
    Own { token: &'a str },
    /// Those of an agent whom the caller administers.
    Of(AgentId),
}

impl std::fmt::Debug for Whose<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own { .. } => f.write_str("Own(..)"),
            Self::Of(agent) => f.debug_tuple("Of").field(agent).finish(),
        }
    }
}

/// A session that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    pub id: PublicId,
    /// `web` for a browser, `token` for a program.
    pub kind: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Where it was opened from.
    pub ip: Option<String>,
    /// At most 120 characters.
    pub user_agent: Option<String>,
    /// The caller asks under this one.
    pub is_current: bool,
}

/// Whose sessions they are, and the hash of the one that the caller asks under.
#[derive(Debug, Clone)]
struct Target {
    agent: AgentId,
    current: Option<Arc<str>>,
    is_own: bool,
}

impl Target {
    fn of(caller: &Caller, whose: Whose<'_>) -> Result<Self> {
        match whose {
            Whose::Own { token } => {
                let agent = caller.actor.agent()?.id;
                Ok(Self { agent, current: Some(secret_hash(token).into()), is_own: true })
            }
            Whose::Of(agent) => {
                caller.actor.require(Permission::UsersManage)?;
                Ok(Self { agent, current: None, is_own: false })
            }
        }
    }

    fn check(&self, actor: &Actor, profile: &Profile) -> Result<()> {
        if self.is_own { Ok(()) } else { check_reach(actor, profile) }
    }
}

impl App {
    /// An agent's sessions, the latest first.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`] for the agent; [`Error::Unauthenticated`] if the caller has no own ones.
    pub async fn list_sessions(&self, caller: &Caller, whose: Whose<'_>) -> Result<Vec<OpenSession>> {
        let (target, actor, now) = (Target::of(caller, whose)?, Arc::new(caller.actor.clone()), self.now());
        self.read(move |tx| {
            let (target, actor) = (target.clone(), Arc::clone(&actor));
            Box::pin(async move { list(tx, &target, &actor, now).await })
        })
        .await
    }

    /// Ends one of an agent's sessions, with the sockets and the proofs of presence under it.
    ///
    /// # Errors
    /// As [`Self::list_sessions`]; [`Error::NotFound`] for a session that isn't the agent's, or has ended.
    pub async fn end_session(&self, caller: &Caller, whose: Whose<'_>, id: &str) -> Result<()> {
        let (target, id): (_, Arc<str>) = (Target::of(caller, whose)?, id.into());
        self.write_in_reserve(caller, move |work| {
            let (target, id) = (target.clone(), Arc::clone(&id));
            Box::pin(async move {
                let mut profile = lock(work, &target).await?;
                let open = credentials::list_sessions(work.tx, target.agent, work.now).await?;
                let session = open.into_iter().find(|session| session.public_id.as_str() == &*id);
                let session = session.ok_or(Error::NotFound(Entity::Credential))?;
                sessions::end(work, &mut profile, &session).await.map(drop)
            })
        })
        .await
    }

    /// Ends all of an agent's sessions but the one that the caller asks under.
    ///
    /// # Errors
    /// As [`Self::list_sessions`].
    pub async fn end_sessions(&self, caller: &Caller, whose: Whose<'_>) -> Result<()> {
        let target = Target::of(caller, whose)?;
        self.write_in_reserve(caller, move |work| {
            let target = target.clone();
            Box::pin(async move {
                let mut profile = lock(work, &target).await?;
                end_all(work, &mut profile, target.current.as_deref()).await
            })
        })
        .await
    }
}

async fn list(tx: &mut Tx, target: &Target, actor: &Actor, now: Timestamp) -> Result<Vec<OpenSession>> {
    let profile = agents::profile(tx, target.agent).await?;
    target.check(actor, &profile)?;
    let sessions = credentials::list_sessions(tx, target.agent, now).await?;
    Ok(sessions.into_iter().map(|session| shown(session, target.current.as_deref())).collect())
}

fn shown(session: Session, current: Option<&str>) -> OpenSession {
    OpenSession {
        is_current: current == Some(&session.token_hash),
        id: session.public_id,
        kind: session.kind,
        created_at: session.created_at,
        expires_at: session.expires_at,
        ip: session.ip,
        user_agent: session.user_agent.map(|text| text.chars().take(USER_AGENT_MAX).collect()),
    }
}

async fn lock(work: &mut Work<'_>, target: &Target) -> Result<Profile> {
    let profile = agents::lock_profile(work.tx, target.agent).await?;
    target.check(work.actor(), &profile)?;
    Ok(profile)
}

/// Ends the sessions of an agent whose row is locked, but the one of this hash.
pub(super) async fn end_all(work: &mut Work<'_>, profile: &mut Profile, but: Option<&str>) -> Result<()> {
    let open = credentials::list_sessions(work.tx, profile.agent.id, work.now).await?;
    for session in open.iter().filter(|session| but != Some(&session.token_hash)) {
        sessions::end(work, profile, session).await?;
    }
    Ok(())
}
