//! Roles by the product's ids: a word for those that every desk has, else the role's public id.

use muster_core::agent::{AgentKind, Profile};
use muster_core::id::RoleId;
use muster_core::role::{ADMIN_KEY, AGENT_KEY, MANAGER_KEY, Role};

use crate::error::{Failure, Result};
use crate::presence::is_agent;

// Wire (documented): the words.
const ADMIN: &str = "admin";
const USER: &str = "user";
const BOT: &str = "bot";
const AGENT: &str = "livechat-agent";
const MANAGER: &str = "livechat-manager";
/// Everybody has or nobody has them: nothing is stored.
const CONSTANTS: [&str; 4] = [USER, "guest", "anonymous", "app"];

/// What an account is shown to hold. An agent is whoever may answer customers and takes their work,
/// whichever role that comes from.
pub(crate) fn shown(profile: &Profile, roles: &[Role]) -> Vec<String> {
    let kind = if profile.agent.kind == AgentKind::Bot { BOT } else { USER };
    let held = profile.roles.iter().filter(|held| held.key.as_deref() != Some(AGENT_KEY));
    let held = held.filter_map(|held| roles.iter().find(|role| role.id == held.id)).map(id);
    let agent = is_agent(profile).then(|| AGENT.to_owned());
    std::iter::once(kind.to_owned()).chain(held).chain(agent).collect()
}

fn id(role: &Role) -> String {
    match role.key.as_deref() {
        Some(ADMIN_KEY) => ADMIN.to_owned(),
        Some(MANAGER_KEY) => MANAGER.to_owned(),
        Some(AGENT_KEY) => AGENT.to_owned(),
        Some(key) => key.to_owned(),
        None => role.public_id.to_string(),
    }
}

/// The roles that ids stand for.
///
/// # Errors
/// 400 for an id that stands for none.
pub(crate) fn resolve(ids: &[String], roles: &[Role]) -> Result<Vec<RoleId>> {
    let stored = ids.iter().filter(|id| !CONSTANTS.contains(&id.as_str()));
    let found = stored.map(|wanted| {
        let role = roles.iter().find(|role| id(role) == *wanted);
        role.map(|role| role.id).ok_or_else(unknown)
    });
    found.collect()
}

fn unknown() -> Failure {
    Failure::coded("The field Roles consist invalid role id", "error-action-not-allowed")
}

/// Whether the account holds the role of managers.
pub(crate) fn is_manager(profile: &Profile) -> bool {
    profile.roles.iter().any(|role| role.key.as_deref() == Some(MANAGER_KEY))
}
