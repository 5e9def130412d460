//! Agents as they are shown.

use muster_core::Timestamp;
use muster_core::agent::{Agent, AgentKind, ApiKeySummary, Attributes, HeldTeam, Profile};
use muster_core::permission::Permission;
use muster_core::view::{AgentListing, AgentSummary, TeamLabel};
use serde::Serialize;
use utoipa::ToSchema;

use super::Time;
use super::availability::AvailabilityStatus;
use super::extension::AgentExtension;

// Wire (documented, "Create agent" and "Update agent", 2025-09; observed, 2.7): the fields of both
// pages, of which one names the phone's calling code and the other its country.
/// An agent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    pub(crate) r#type: UserType,
    pub(crate) availability_status: AvailabilityStatus,
    /// ISO 3166 alpha-2.
    #[schema(required)]
    pub(crate) phone_number_country_code: Option<String>,
    /// `+` and digits.
    #[schema(required)]
    pub(crate) phone_number_calling_code: Option<String>,
    #[schema(required)]
    pub(crate) phone_number: Option<String>,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    pub(crate) enabled: bool,
    #[schema(required)]
    pub(crate) last_active_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_login_at: Option<Time>,
    /// Names; null when there are none.
    #[schema(required)]
    pub(crate) roles: Option<Vec<String>>,
    /// Sorted.
    pub(crate) permissions: Vec<&'static str>,
    #[schema(required)]
    pub(crate) country: Option<String>,
    #[schema(schema_with = muster_http::openapi::always_null)]
    pub(crate) meta: (),
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) custom_attributes: Attributes,
    #[schema(required)]
    pub(crate) external_user_id: Option<String>,
    pub(crate) teams: Vec<UserTeam>,
    /// The public half of the key named `default`.
    #[schema(required)]
    pub(crate) api_key: Option<String>,
    #[schema(required)]
    pub(crate) api_key_last_used_at: Option<Time>,
    pub(crate) muster: AgentExtension,
}

impl User {
    /// The agent as shown at `now`, on which presence depends.
    pub(crate) fn new(profile: &Profile, now: Timestamp) -> Self {
        let Profile { agent, roles, teams, skills: _, state, api_key } = profile;
        let (country_code, calling_code) = agent.phone.codes();
        let roles: Vec<String> = roles.iter().map(|role| role.name.clone()).collect();
        let key = |ApiKeySummary { key_id, last_used_at }: &ApiKeySummary| (key_id.clone(), last_used_at.map(Time));
        let (api_key, api_key_last_used_at) = api_key.as_ref().map(key).unzip();
        Self {
            id: agent.id.0,
            created_at: Time(agent.created_at),
            updated_at: Time(agent.updated_at),
            first_name: agent.first_name.clone(),
            last_name: agent.last_name.clone(),
            email: email(agent),
            r#type: agent.kind.into(),
            availability_status: state.shown(agent, now).into(),
            phone_number_country_code: country_code,
            phone_number_calling_code: calling_code,
            phone_number: agent.phone.number.clone(),
            avatar_url: agent.avatar_url.clone(),
            enabled: agent.enabled,
            last_active_at: agent.last_active_at.map(Time),
            last_login_at: agent.last_login_at.map(Time),
            roles: (!roles.is_empty()).then_some(roles),
            permissions: documented_permissions(profile),
            country: agent.country.clone(),
            meta: (),
            custom_attributes: agent.attributes.clone(),
            external_user_id: agent.external_id.clone(),
            teams: teams.iter().map(UserTeam::from).collect(),
            api_key,
            api_key_last_used_at: api_key_last_used_at.flatten(),
            muster: AgentExtension::new(profile, now),
        }
    }
}

/// Wire (observed, 2.7): the built-in account's e-mail reads `System`.
fn email(agent: &Agent) -> Option<String> {
    match agent.kind {
        AgentKind::System => Some("System".to_owned()),
        AgentKind::Human | AgentKind::Bot => agent.email.clone(),
    }
}

fn documented_permissions(profile: &Profile) -> Vec<&'static str> {
    let documented = profile.permissions().iter().filter(|permission| !permission.is_fine());
    let mut words: Vec<&str> = documented.map(Permission::as_str).collect();
    words.sort_unstable();
    words
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UserType {
    Agent,
    AiAssistant,
}

impl From<AgentKind> for UserType {
    fn from(kind: AgentKind) -> Self {
        match kind {
            AgentKind::Human | AgentKind::System => Self::Agent,
            AgentKind::Bot => Self::AiAssistant,
        }
    }
}

/// A team on an agent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserTeam {
    pub(crate) id: i64,
    pub(crate) name: String,
    #[schema(required)]
    pub(crate) emoji: Option<String>,
}

impl From<&HeldTeam> for UserTeam {
    fn from(team: &HeldTeam) -> Self {
        let HeldTeam { id, name, emoji, membership: _ } = team;
        Self { id: id.0, name: name.clone(), emoji: emoji.clone() }
    }
}

impl From<TeamLabel> for UserTeam {
    fn from(team: TeamLabel) -> Self {
        let TeamLabel { id, name, emoji } = team;
        Self { id: id.0, name, emoji }
    }
}

/// What the desk shows of an agent in a list beyond the product's own fields. Ours, not the product's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentCompactExtension {
    /// Presence in the desk's own words: `ready`, `idle`, `wrap_up`, `paused`, `reassigning`,
    /// `declared`, `offline`, `blocked`.
    pub(crate) state: &'static str,
    pub(crate) state_since: Time,
    #[schema(required)]
    pub(crate) pause_reason: Option<String>,
    /// Open conversations held.
    pub(crate) load: u16,
    /// Open conversations at a time: the agent's own limit, or else the desk's.
    pub(crate) capacity: u16,
    /// A second flag beside `enabled`. This and what follows: only in the list for those who administer agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locked: Option<bool>,
    /// Names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) roles: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) teams: Option<Vec<UserTeam>>,
}

/// An agent in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserCompact {
    pub(crate) id: i64,
    pub(crate) r#type: UserType,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    pub(crate) enabled: bool,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    #[schema(required)]
    pub(crate) external_user_id: Option<String>,
    pub(crate) availability_status: AvailabilityStatus,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) muster: AgentCompactExtension,
}

impl UserCompact {
    /// The agent as everybody sees them, on a desk of this default capacity.
    pub(crate) fn new(agent: AgentSummary, default_capacity: u16) -> Self {
        let AgentSummary {
            id,
            kind,
            first_name,
            last_name,
            email,
            enabled,
            locked: _,
            avatar_url,
            external_id,
            shown,
            state_since,
            pause_reason,
            load,
            capacity,
            created_at,
            updated_at,
        } = agent;
        let muster = AgentCompactExtension {
            state: shown.as_str(),
            state_since: Time(state_since),
            pause_reason,
            load,
            capacity: capacity.unwrap_or(default_capacity),
            locked: None,
            roles: None,
            teams: None,
        };
        Self {
            id: id.0,
            r#type: kind.into(),
            first_name,
            last_name,
            email,
            enabled,
            avatar_url,
            external_user_id: external_id,
            availability_status: shown.into(),
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            muster,
        }
    }

    /// The agent as those see them who administer agents.
    pub(crate) fn listed(listing: AgentListing, default_capacity: u16) -> Self {
        let AgentListing { summary, roles, teams } = listing;
        let locked = summary.locked;
        let mut listed = Self::new(summary, default_capacity);
        listed.muster.locked = Some(locked);
        listed.muster.roles = Some(roles);
        listed.muster.teams = Some(teams.into_iter().map(UserTeam::from).collect());
        listed
    }
}
