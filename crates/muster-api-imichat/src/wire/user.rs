//! Users as they are shown.

use std::collections::BTreeMap;

use muster_core::Timestamp;
use muster_core::agent::Profile;
use muster_core::inbox::Medium;
use muster_core::permission::Permission;
use muster_core::routing::{Candidate, Policy, able};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Status;
use super::user_request::Privilege;
use crate::Api;

// Wire (documented, "Update user", User List View): these fields; the page prints `created_at` twice,
// the second time for the last update.
// Wire (chosen): in the page's order; texts are never null; `custom_attributes` beyond the page.
/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    id: i64,
    created_at: String,
    updated_at: String,
    first_name: String,
    last_name: String,
    login_id: String,
    email_id: String,
    status: Status,
    /// Signed in, and proven to be.
    logged_in: bool,
    job_description: String,
    login_using_email: bool,
    role_type: RoleType,
    /// Would get a chat now if there were room for it.
    accepting_chats: bool,
    skill_attributes: BTreeMap<String, Value>,
    /// Open conversations held.
    active_chats: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_attributes: Option<BTreeMap<String, Value>>,
}

/// What kind of user it is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) enum RoleType {
    #[serde(rename = "Customer Care")]
    CustomerCare,
    Administrative,
}

/// What users are shown by, besides themselves.
#[derive(Debug)]
pub(crate) struct Light {
    now: Timestamp,
    policy: Policy,
    shows_custom_attributes: bool,
}

impl Light {
    pub(crate) fn of(api: &Api) -> Self {
        Self {
            now: api.app.now(),
            policy: api.app.settings().routing.policy(),
            shows_custom_attributes: api.settings.shows_custom_attributes,
        }
    }

    /// Whether the agent would be given a chat, room aside.
    pub(crate) fn accepts_chats(&self, profile: &Profile) -> bool {
        able(&Candidate::from_profile(profile), Medium::Chat, &self.policy, self.now).is_ok()
    }
}

impl User {
    pub(crate) fn new(profile: &Profile, light: &Light) -> Self {
        let agent = &profile.agent;
        Self {
            id: agent.id.0,
            created_at: instant(agent.created_at),
            updated_at: instant(agent.updated_at),
            first_name: agent.first_name.clone(),
            last_name: agent.last_name.clone(),
            login_id: agent.login.clone(),
            email_id: agent.email.clone().unwrap_or_default(),
            status: Status::of(agent.enabled),
            logged_in: agent.is_usable() && profile.state.is_live(light.now),
            job_description: agent.job_description.clone(),
            login_using_email: agent.login_using_email,
            role_type: role_type(profile),
            accepting_chats: light.accepts_chats(profile),
            skill_attributes: agent.skill_attributes.clone(),
            active_chats: profile.state.load,
            custom_attributes: light.shows_custom_attributes.then(|| agent.attributes.clone()),
        }
    }
}

fn role_type(profile: &Profile) -> RoleType {
    let held = profile.permissions();
    let administers = held.contains(Permission::UsersManage) || held.contains(Permission::RolesManage);
    if administers { RoleType::Administrative } else { RoleType::CustomerCare }
}

// Wire (chosen): with milliseconds, as samples of other calls have them.
fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Users on a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Users {
    pub(crate) users: Vec<User>,
}

/// A user who was just created.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedUser {
    #[serde(flatten)]
    pub(crate) user: User,
    /// As they were sent.
    pub(crate) privileges: Vec<Privilege>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_milliseconds() {
        assert_eq!(instant(Timestamp::from_millis(1_756_375_200_000)), "2025-08-28T10:00:00.000Z");
        assert_eq!(instant(Timestamp::from_millis(1_756_375_200_120)), "2025-08-28T10:00:00.120Z");
    }
}
