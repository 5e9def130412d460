//! Creating an agent.

use std::sync::Arc;

use muster_core::actor::{Actor, Caller};
use muster_core::agent::{Agent, AgentKind, Attributes, AutoAnswer, Channels, Phone, Profile, email, login};
use muster_core::event::Event;
use muster_core::id::{AgentId, RoleId};
use muster_core::permission::{Permission, Permissions};
use muster_core::presence::State;
use muster_core::{Result, text};
use muster_store::{agents, people};
use serde_json::json;

use super::fields::{self, Changes};
use super::input::NewAgent;
use super::parts::{self, FirstCount};
use super::passwords::Hashes;
use super::{guard, names};
use crate::auth::Purpose;
use crate::mail::mail_link;
use crate::{App, Work, presence};

impl App {
    /// Creates an agent.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`], also for granting more than one holds; [`muster_core::Error::NotFound`] for a
    /// role, team or skill given; [`muster_core::Error::Invalid`]; [`muster_core::Refusal::LoginTaken`],
    /// [`muster_core::Refusal::EmailTaken`] and [`muster_core::Refusal::NotMember`]; [`muster_core::Busy::Passwords`].
    pub async fn create_agent(&self, caller: &Caller, new: NewAgent) -> Result<Profile> {
        caller.actor.require(Permission::UsersManage)?;
        let hashes = prepare(self, &new).await?;
        let new = Arc::new(new);
        self.write(caller, move |work| {
            let (new, hashes) = (Arc::clone(&new), hashes.clone());
            Box::pin(async move { insert(work, &new, &hashes).await })
        })
        .await
    }
}

/// What has to be done before the transaction: the hashes of passwords that were given.
pub(crate) async fn prepare(app: &App, new: &NewAgent) -> Result<Hashes> {
    Hashes::make(app, "password", new.password.as_deref(), new.product_password.as_ref()).await
}

/// Stores a new agent with all that was asked for.
pub(crate) async fn insert(work: &mut Work<'_>, new: &NewAgent, hashes: &Hashes) -> Result<Profile> {
    fields::hold_definitions(work, &new.extension).await?;
    let roles = guard::load_roles(work, &unique(&new.roles)).await?;
    guard::check_reach(work, Permissions::NONE, &roles)?;
    guard::check_teams_served(work, new.teams.iter().copied())?;
    let address = email("email", &new.email)?;
    let wanted = match &new.login {
        Some(given) => login(given, Some(&address))?,
        None => names::free_login(work, &address).await?,
    };
    let mut profile = blank(work, new, address, wanted).await?;
    fields::apply(&mut profile.agent, &new.extension, &mut Changes::default())?;
    agents::insert_agent(work.tx, &profile.agent).await?;
    agents::insert_state(work.tx, profile.agent.id, &profile.state).await?;
    names::take_names(work, &profile.agent, new.login.is_none()).await?;
    work.record_change(Event::AgentCreated { agent: profile.agent.id }, json!(null), shown(&profile.agent));
    parts::set_roles(work, &mut profile, &roles).await?;
    parts::set_teams(work, &mut profile, &new.teams, FirstCount::Lowest).await?;
    let given = &new.extension;
    parts::patch_memberships(work, &mut profile, given.memberships.as_deref().unwrap_or_default()).await?;
    parts::set_skills(work, &profile, given.skills.as_deref().unwrap_or_default()).await?;
    parts::set_service(work, &mut profile, given);
    fields::apply_attributes(work, &mut profile, given).await?;
    agents::save_agent(work.tx, &profile.agent).await?;
    open(work, &mut profile, new, hashes).await?;
    agents::profile(work.tx, profile.agent.id).await
}

/// Credentials and presence of the new agent.
async fn open(work: &mut Work<'_>, profile: &mut Profile, new: &NewAgent, hashes: &Hashes) -> Result<()> {
    let agent = profile.agent.id;
    hashes.store(work, agent).await?;
    if !profile.agent.is_usable() {
        return Ok(());
    }
    if new.send_welcome_email {
        mail_link(work, agent, Purpose::Invite).await?;
    }
    match (new.presence, &work.caller.actor) {
        (Some(wish), Actor::Agent(actor)) => {
            let by = actor.id;
            presence::declare(work, profile, wish, by).await
        }
        _ => Ok(()),
    }
}

async fn blank(work: &mut Work<'_>, new: &NewAgent, email: String, login: String) -> Result<Profile> {
    let (first_name, last_name) = match &new.full_name {
        Some(name) => text::split_name(name),
        None => (new.first_name.clone(), new.last_name.clone()),
    };
    let agent = Agent {
        id: AgentId(people::next_id(work.tx).await?),
        public_id: work.draw.public_id(),
        kind: AgentKind::Human,
        login,
        email: Some(email),
        email_verified: new.email_verified,
        first_name: fields::first_name(&first_name)?,
        last_name: fields::last_name(&last_name)?,
        phone: Phone::default(),
        country: None,
        avatar_url: None,
        job_description: String::new(),
        enabled: new.enabled,
        locked: new.extension.locked.unwrap_or(false),
        serves: true,
        login_using_email: true,
        must_change_password: new.must_change_password,
        capacity: None,
        rank: 1,
        channels: Channels::DEFAULT,
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
    Ok(Profile {
        agent,
        roles: Vec::new(),
        teams: Vec::new(),
        skills: Vec::new(),
        state: State::new(work.now),
        api_key: None,
    })
}

fn unique(ids: &[RoleId]) -> Vec<RoleId> {
    let ids: std::collections::BTreeSet<RoleId> = ids.iter().copied().collect();
    ids.into_iter().collect()
}

fn shown(agent: &Agent) -> serde_json::Value {
    json!({
        "login": agent.login,
        "email": agent.email,
        "first_name": agent.first_name,
        "last_name": agent.last_name,
        "enabled": agent.enabled,
        "locked": agent.locked,
    })
}
