//! The first minutes of a desk: what every desk has, and how it gets its first administrator.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use muster_core::actor::{Actor, Caller};
use muster_core::agent::{Agent, AgentKind, Attributes, AutoAnswer, Channels, Phone, Profile};
use muster_core::id::{AgentId, RoleId};
use muster_core::permission::Permission;
use muster_core::presence::State;
use muster_core::role::{self, ADMIN_KEY, BuiltIn, Role};
use muster_core::{Error, Refusal, Result};
use muster_store::credentials::Link;
use muster_store::db::Tx;
use muster_store::{agents, credentials, people, roles};
use serde_json::json;

use crate::agents::{Hashes, NewAgent, insert, prepare};
use crate::auth::{
    LINK_LIFE, Origin, Purpose, SessionKind, SignedIn, create_link, link_url, open_session, secret_hash,
};
use crate::{App, Work};

/// The login of the desk's own account.
pub const SYSTEM_LOGIN: &str = "System";
const SETUP: &str = "setup";

/// Who sets up the desk.
#[derive(Clone, PartialEq, Eq)]
pub struct SetUp {
    /// Of the link that [`App::new_setup_link`] made.
    pub token: String,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub password: String,
}

impl std::fmt::Debug for SetUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetUp").field("email", &self.email).finish_non_exhaustive()
    }
}

impl App {
    /// Makes sure that the built-in roles and the system agent are there. At every start.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn ensure_built_ins(&self) -> Result<()> {
        self.write(&Caller::system(), |work| {
            Box::pin(async move {
                for built_in in role::built_ins() {
                    ensure_role(work, &built_in).await?;
                }
                ensure_system_agent(work).await
            })
        })
        .await
    }

    /// Whether the desk waits for its first administrator. Once it has one it is never asked again.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn needs_set_up(&self) -> Result<bool> {
        if self.inner.is_set_up.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let is_set_up = self.read(|tx| Box::pin(has_admin(tx))).await?;
        self.inner.is_set_up.store(is_set_up, Ordering::Relaxed);
        Ok(!is_set_up)
    }

    /// A link for setting up the desk, in place of all before it. Its token stands in the fragment, which browsers
    /// don't send.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Refusal::AlreadySetUp`].
    pub async fn new_setup_link(&self, caller: &Caller) -> Result<String> {
        require_operator(caller)?;
        self.write(caller, |work| {
            Box::pin(async move {
                if has_admin(work.tx).await? {
                    return Err(Refusal::AlreadySetUp.into());
                }
                let token = work.draw.token();
                let link = Link {
                    hash: secret_hash(&token),
                    agent: None,
                    purpose: SETUP.to_owned(),
                    created_at: work.now,
                    expires_at: work.now + LINK_LIFE,
                };
                credentials::delete_links_of_purpose(work.tx, SETUP).await?;
                credentials::insert_link(work.tx, &link).await?;
                Ok(format!("{}/setup#{token}", work.settings().public_url))
            })
        })
        .await
    }

    /// Makes the first administrator and signs them in.
    ///
    /// # Errors
    /// [`Refusal::AlreadySetUp`]; [`Refusal::LinkExpired`]; [`Error::Invalid`]; [`muster_core::Busy::Passwords`].
    pub async fn set_up(&self, origin: &Origin, set_up: SetUp) -> Result<SignedIn> {
        let (link, now): (Arc<str>, _) = (secret_hash(&set_up.token).into(), self.now());
        let wanted = Arc::clone(&link);
        let is_open = self.read(move |tx| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move {
                let link = credentials::find_link(tx, &wanted, now).await?;
                Ok((has_admin(tx).await?, link.is_some_and(|link| link.purpose == SETUP)))
            })
        });
        match is_open.await? {
            (true, _) => return Err(Refusal::AlreadySetUp.into()),
            (false, false) => return Err(Refusal::LinkExpired.into()),
            (false, true) => {}
        }
        let new = first_admin(set_up.email, set_up.first_name, set_up.last_name, Some(set_up.password));
        let hashes = prepare(self, &new).await?;
        let (new, user_agent) = (Arc::new(new), origin.user_agent.clone());
        self.write(&origin.caller(Actor::System), move |work| {
            let (new, hashes, link) = (Arc::clone(&new), hashes.clone(), Arc::clone(&link));
            let user_agent = user_agent.clone();
            Box::pin(async move {
                agents::lock_admins(work.tx).await?;
                if has_admin(work.tx).await? {
                    return Err(Refusal::AlreadySetUp.into());
                }
                if !credentials::use_link(work.tx, &link, work.now).await? {
                    return Err(Refusal::LinkExpired.into());
                }
                let profile = insert_admin(work, &new, &hashes).await?;
                open_session(work, profile, SessionKind::Web, user_agent).await
            })
        })
        .await
    }

    /// Makes an administrator from the command line. Without a password a link to choose one comes back.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`]; [`Refusal::EmailTaken`];
    /// [`muster_core::Busy::Passwords`].
    pub async fn create_admin(
        &self,
        caller: &Caller,
        email: &str,
        first_name: &str,
        password: Option<String>,
    ) -> Result<(Profile, Option<String>)> {
        require_operator(caller)?;
        let new = first_admin(email.to_owned(), first_name.to_owned(), String::new(), password);
        let hashes = prepare(self, &new).await?;
        let new = Arc::new(new);
        self.write(caller, move |work| {
            let (new, hashes) = (Arc::clone(&new), hashes.clone());
            Box::pin(async move {
                let profile = insert_admin(work, &new, &hashes).await?;
                if !hashes.is_empty() {
                    return Ok((profile, None));
                }
                let (token, _) = create_link(work, profile.agent.id, Purpose::Invite).await?;
                Ok((profile, Some(link_url(work.settings(), &token))))
            })
        })
        .await
    }
}

fn require_operator(caller: &Caller) -> Result<()> {
    match caller.actor {
        Actor::Operator | Actor::System => Ok(()),
        Actor::Agent(_) | Actor::Integration(_) | Actor::Visitor { .. } => Err(Error::Denied(Permission::UsersManage)),
    }
}

/// Whether the desk has, or once had, a human administrator who wasn't deleted.
async fn has_admin(tx: &mut Tx) -> Result<bool> {
    Ok(agents::count_admins(tx).await? > 0)
}

fn first_admin(email: String, first_name: String, last_name: String, password: Option<String>) -> NewAgent {
    NewAgent { email, first_name, last_name, password, enabled: true, ..NewAgent::default() }
}

/// Stores an agent with the administrators' role; with the first one the link for setting up dies.
async fn insert_admin(work: &mut Work<'_>, new: &NewAgent, hashes: &Hashes) -> Result<Profile> {
    let admin = roles::built_in(work.tx, ADMIN_KEY).await?;
    let new = NewAgent { roles: vec![admin.id], ..new.clone() };
    credentials::delete_links_of_purpose(work.tx, SETUP).await?;
    insert(work, &new, hashes).await
}

/// Stores a built-in role that is missing. The administrators' role holds all that this program knows.
async fn ensure_role(work: &mut Work<'_>, built_in: &BuiltIn) -> Result<()> {
    match roles::find_built_in(work.tx, built_in.key).await? {
        Some(mut role) if role.is_admin() && role.permissions != built_in.permissions => {
            role.permissions = built_in.permissions;
            role.version += 1;
            role.updated_at = work.now;
            roles::save_role(work.tx, &role).await
        }
        Some(_) => Ok(()),
        None => {
            let role = Role {
                id: RoleId(0),
                public_id: work.draw.public_id(),
                key: Some(built_in.key.to_owned()),
                name: built_in.name.to_owned(),
                description: built_in.description.to_owned(),
                permissions: built_in.permissions,
                created_at: work.now,
                updated_at: work.now,
                version: 1,
            };
            roles::insert_role(work.tx, &role).await.map(drop)
        }
    }
}

async fn ensure_system_agent(work: &mut Work<'_>) -> Result<()> {
    if agents::sign_in_owner(work.tx, &muster_core::text::key(SYSTEM_LOGIN)).await?.is_some() {
        return Ok(());
    }
    let agent = Agent {
        id: AgentId(people::next_id(work.tx).await?),
        public_id: work.draw.public_id(),
        kind: AgentKind::System,
        login: SYSTEM_LOGIN.to_owned(),
        email: None,
        email_verified: false,
        first_name: SYSTEM_LOGIN.to_owned(),
        last_name: String::new(),
        phone: Phone::default(),
        country: None,
        avatar_url: None,
        job_description: String::new(),
        enabled: true,
        locked: false,
        serves: false,
        login_using_email: false,
        must_change_password: false,
        capacity: None,
        rank: 1,
        channels: Channels::NONE,
        auto_answer: AutoAnswer::None,
        call_controls: json!({}),
        sip_location: None,
        screen_recording: false,
        agent_data: None,
        external_id: None,
        attributes: Attributes::new(),
        skill_attributes: Attributes::new(),
        created_at: work.now,
        updated_at: work.now,
        last_active_at: None,
        last_login_at: None,
        deleted_at: None,
        version: 1,
    };
    agents::insert_agent(work.tx, &agent).await?;
    agents::insert_state(work.tx, agent.id, &State::new(work.now)).await?;
    for name in agent.sign_in_names() {
        agents::insert_sign_in_name(work.tx, agent.id, &name).await?;
    }
    Ok(())
}
