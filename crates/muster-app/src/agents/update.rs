//! Changing an agent.

use std::sync::Arc;

use muster_core::actor::{Actor, Caller};
use muster_core::agent::{Profile, email, login};
use muster_core::event::{Event, UnassignedWhy};
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_core::role::Role;
use muster_core::{Entity, Error, Result};
use muster_store::agents;
use serde_json::json;

use super::fields::{self, Changes};
use super::input::AgentPatch;
use super::parts::{self, Effect, FirstCount};
use super::passwords::Hashes;
use super::{edit, guard, modes, names};
use crate::auth::{Ending, revoke};
use crate::release::release_open_work;
use crate::{App, Work, presence};

impl App {
    /// Changes an agent; flags first, then presence unless the account is blocked. A change that says what is already
    /// so changes nothing.
    ///
    /// # Errors
    /// [`Error::Denied`], also for reaching above oneself; [`Error::NotFound`] for the agent or a role, team or skill
    /// given; [`Error::Invalid`]; [`Error::Conflict`] for a version that has passed; [`muster_core::Refusal::LoginTaken`],
    /// [`muster_core::Refusal::EmailTaken`], [`muster_core::Refusal::LastAdmin`], [`muster_core::Refusal::BuiltIn`] and
    /// [`muster_core::Refusal::NotMember`]; [`muster_core::Busy::Passwords`].
    pub async fn update_agent(&self, caller: &Caller, id: AgentId, patch: AgentPatch) -> Result<Profile> {
        caller.actor.require(Permission::UsersManage)?;
        let product = patch.product_password.as_ref();
        let hashes = Hashes::make(self, "new_password", patch.new_password.as_deref(), product).await?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let (patch, hashes) = (Arc::clone(&patch), hashes.clone());
            Box::pin(async move { update(work, id, &patch, &hashes).await })
        })
        .await
    }
}

async fn update(work: &mut Work<'_>, id: AgentId, patch: &AgentPatch, hashes: &Hashes) -> Result<Profile> {
    let before = edit::lock(work, id).await?;
    if patch.if_version.is_some_and(|version| version != before.agent.version) {
        return Err(Error::Conflict(Entity::Agent));
    }
    fields::hold_definitions(work, &patch.extension).await?;
    let mut profile = before.clone();
    let roles = authorize(work, &before, patch, hashes).await?;
    let mut beside = belongings(work, &mut profile, patch, roles.as_deref()).await?;
    beside |= flags(work, &before, &mut profile, patch).await?;
    let mut effect = own_fields(work, &mut profile, patch).await?;
    effect |= beside;
    guard::keep_an_admin(work, &before, guard::is_usable_admin(&profile)).await?;
    edit::save(work, &mut profile, effect).await?;
    modes::follow_channels(work, &mut profile).await?;
    if !hashes.is_empty() {
        hashes.replace(work, &mut profile).await?;
    }
    block(work, &before, &mut profile).await?;
    show(work, &mut profile, patch).await?;
    // What stands beside the agent's own row and state is read anew where it was touched.
    if beside.changed || patch.presence.is_some() { agents::profile(work.tx, id).await } else { Ok(profile) }
}

/// Checks how far the caller reaches, where the change touches the account or its rights. Returns the roles asked for.
async fn authorize(
    work: &mut Work<'_>,
    before: &Profile,
    patch: &AgentPatch,
    hashes: &Hashes,
) -> Result<Option<Vec<Role>>> {
    guard::check_teams_served(work, parts::teams_named(before, patch))?;
    let agent = &before.agent;
    let roles = match &patch.roles {
        Some(ids) => Some(guard::load_roles(work, ids).await?),
        None => None,
    };
    let held = before.role_ids();
    let moves_roles = roles
        .as_ref()
        .is_some_and(|roles| roles.len() != held.len() || roles.iter().any(|role| !held.contains(&role.id)));
    let renames = patch.login.as_ref().is_some_and(|login| *login != agent.login)
        || patch.email.as_ref().is_some_and(|email| Some(email.to_lowercase()) != agent.email)
        || patch.email_verified.is_some_and(|verified| verified != agent.email_verified);
    let given = &patch.extension;
    let moves_flags = patch.enabled.is_some_and(|enabled| enabled != agent.enabled)
        || given.locked.is_some_and(|locked| locked != agent.locked)
        || given.login_using_email.is_some_and(|by_email| by_email != agent.login_using_email);
    if moves_roles || renames || moves_flags || !hashes.is_empty() {
        let new: Vec<Role> = roles.iter().flatten().filter(|role| !held.contains(&role.id)).cloned().collect();
        guard::check_reach(work, before.granted(), &new)?;
    }
    Ok(roles)
}

/// Names, addresses and everything else of the agent's own row that has no event of its own.
async fn own_fields(work: &mut Work<'_>, profile: &mut Profile, patch: &AgentPatch) -> Result<Effect> {
    let mut changes = Changes::default();
    let agent = &mut profile.agent;
    if let Some((first, last)) = patch.full_name.as_deref().and_then(|name| agent.renamed(name)) {
        changes.set("first_name", &mut agent.first_name, fields::first_name(&first)?);
        changes.set("last_name", &mut agent.last_name, fields::last_name(&last)?);
    }
    if let Some(name) = &patch.first_name {
        changes.set("first_name", &mut agent.first_name, fields::first_name(name)?);
    }
    if let Some(name) = &patch.last_name {
        changes.set("last_name", &mut agent.last_name, fields::last_name(name)?);
    }
    fields::apply(agent, &patch.extension, &mut changes)?;
    let names_before = agent.sign_in_names();
    if let Some(address) = &patch.email {
        let address = email("email", address)?;
        if agent.email.as_deref() != Some(&address) {
            agent.email_verified = false;
        }
        changes.set("email", &mut agent.email, Some(address));
    }
    if let Some(verified) = patch.email_verified {
        changes.set("email_verified", &mut agent.email_verified, verified && agent.email.is_some());
    }
    let wanted = patch.login.as_deref().unwrap_or(&agent.login);
    let wanted = login(wanted, agent.email.as_deref())?;
    changes.set("login", &mut agent.login, wanted);
    if agent.sign_in_names() != names_before {
        names::take_names(work, agent, false).await?;
    }
    let changed = !changes.is_empty();
    changes.record(work, agent);
    Ok(Effect { changed, takes_away: false })
}

async fn belongings(
    work: &mut Work<'_>,
    profile: &mut Profile,
    patch: &AgentPatch,
    roles: Option<&[Role]>,
) -> Result<Effect> {
    let given = &patch.extension;
    let mut effect = Effect::default();
    if let Some(roles) = roles {
        effect |= parts::set_roles(work, profile, roles).await?;
    }
    if let Some(teams) = parts::teams_after(profile, patch) {
        effect |= parts::set_teams(work, profile, &teams, FirstCount::Lowest).await?;
    }
    effect |= parts::patch_memberships(work, profile, given.memberships.as_deref().unwrap_or_default()).await?;
    if let Some(skills) = parts::skills_after(profile, patch) {
        effect |= parts::set_skills(work, profile, &skills).await?;
    }
    effect |= parts::set_service(work, profile, given);
    effect |= fields::apply_attributes(work, profile, given).await?;
    Ok(effect)
}

/// Moves `enabled` and `locked`.
async fn flags(work: &mut Work<'_>, before: &Profile, profile: &mut Profile, patch: &AgentPatch) -> Result<Effect> {
    let agent = before.agent.id;
    let enabled = patch.enabled.unwrap_or(before.agent.enabled);
    let locked = patch.extension.locked.unwrap_or(before.agent.locked);
    profile.agent.enabled = enabled;
    profile.agent.locked = locked;
    if enabled != before.agent.enabled {
        let event = if enabled { Event::AgentEnabled { agent } } else { Event::AgentDisabled { agent } };
        work.record_change(event, json!({ "enabled": !enabled }), json!({ "enabled": enabled }));
    }
    if locked != before.agent.locked {
        let event = if locked { Event::AgentLocked { agent } } else { Event::AgentUnlocked { agent } };
        work.record_change(event, json!({ "locked": !locked }), json!({ "locked": locked }));
    }
    let changed = (enabled, locked) != (before.agent.enabled, before.agent.locked);
    Ok(Effect { changed, takes_away: changed && !profile.agent.is_usable() })
}

/// Ends everything of an account that was just disabled or locked.
async fn block(work: &mut Work<'_>, before: &Profile, profile: &mut Profile) -> Result<()> {
    let agent = &profile.agent;
    let was = &before.agent;
    let (ending, why) = match (was.enabled && !agent.enabled, !was.locked && agent.locked) {
        (true, _) => (Ending::Disabled, UnassignedWhy::Disabled),
        (false, true) => (Ending::Locked, UnassignedWhy::Locked),
        (false, false) => return Ok(()),
    };
    let (id, name) = (agent.id, agent.name());
    let from = before.state.shown(was, work.now);
    presence::block(work, profile, from).await?;
    revoke(work, profile, ending).await?;
    release_open_work(work, id, &name, why).await
}

/// Shows the agent as wished for, unless the account is blocked.
async fn show(work: &mut Work<'_>, profile: &mut Profile, patch: &AgentPatch) -> Result<()> {
    let Some(wish) = patch.presence.filter(|_| profile.agent.is_usable()) else { return Ok(()) };
    match &work.caller.actor {
        Actor::Agent(actor) if actor.id == profile.agent.id => presence::wish_for_oneself(work, profile, wish).await,
        Actor::Agent(actor) => {
            let by = actor.id;
            presence::declare(work, profile, wish, by).await
        }
        Actor::Visitor { .. } | Actor::Integration(_) | Actor::Operator | Actor::System => Ok(()),
    }
}
