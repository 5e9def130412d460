//! Agents as they are shown.

use muster_core::Timestamp;
use muster_core::agent::{Agent, AgentKind, ApiKeySummary, Attributes, HeldTeam, Phone, Profile};
use muster_core::permission::Permission;
use muster_core::phone;
use muster_core::view::AgentSummary;
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
        let (country_code, calling_code) = phone_codes(&agent.phone);
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

/// Country and calling code, each derived from the other where only one is stored.
fn phone_codes(phone: &Phone) -> (Option<String>, Option<String>) {
    let Phone { country, calling_code, number: _ } = phone;
    let derived_country = || calling_code.as_deref().and_then(phone::country).map(ToOwned::to_owned);
    let derived_code = || country.as_deref().and_then(phone::calling_code);
    (country.clone().or_else(derived_country), calling_code.clone().or_else(derived_code))
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
}

impl From<AgentSummary> for UserCompact {
    fn from(agent: AgentSummary) -> Self {
        let AgentSummary {
            id,
            kind,
            first_name,
            last_name,
            email,
            enabled,
            avatar_url,
            external_id,
            shown,
            created_at,
            updated_at,
        } = agent;
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_shows_both_codes_where_one_tells_the_other() {
        let codes = |country: Option<&str>, code: Option<&str>| {
            let own = |text: Option<&str>| text.map(ToOwned::to_owned);
            phone_codes(&Phone { country: own(country), calling_code: own(code), number: None })
        };
        let pair = |country: &str, code: &str| (Some(country.to_owned()), Some(code.to_owned()));
        assert_eq!(codes(Some("US"), None), pair("US", "+1"));
        assert_eq!(codes(None, Some("+49")), pair("DE", "+49"));
        assert_eq!(codes(None, Some("+1")), (None, Some("+1".to_owned())));
        assert_eq!(codes(Some("ZZ"), None), (Some("ZZ".to_owned()), None));
        assert_eq!(codes(None, None), (None, None));
    }
}
