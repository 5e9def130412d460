//! Agents as they are written.

use std::collections::BTreeMap;

use muster_http::patch::Patch;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::availability::AvailabilityStatus;
use super::extension::{AutoAnswerWord, ChannelsRequest, MembershipRoleWord};

// Wire (documented, "Create agent" and "Update agent", 2025-09): the fields of both pages.
/// An agent to be created or updated. `first_name`, `email` and `roles` or `role` are needed; on an
/// update every other absent field stays as it is.
#[derive(Default, Deserialize, ToSchema)]
#[schema(example = json!({"first_name": "Kim", "last_name": "Doe", "email": "kim@example.org", "roles": ["Agent"], "teams": ["Support"], "enabled": true, "availability_status": "online"}))]
pub(crate) struct AgentRequest {
    #[schema(required, value_type = String, min_length = 1, max_length = 140)]
    pub(crate) first_name: Option<String>,
    #[schema(max_length = 140)]
    pub(crate) last_name: Option<String>,
    /// A bare address, kept in lower case.
    #[schema(required, value_type = String, format = Email)]
    pub(crate) email: Option<String>,
    /// Names, in any case, or ids, at most 500. Replaces all roles; unknown ones are dropped.
    pub(crate) roles: Option<Vec<Reference>>,
    /// Taken where `roles` is absent.
    pub(crate) role: Option<OneOrMany>,
    /// Names or ids, at most 500. Replaces all teams; unknown ones are dropped, those kept are untouched.
    pub(crate) teams: Option<Vec<Reference>>,
    /// Looked at on creation only.
    pub(crate) send_welcome_email: Option<bool>,
    /// True on creation when absent.
    pub(crate) enabled: Option<bool>,
    #[schema(value_type = Option<AvailabilityStatus>)]
    pub(crate) availability_status: Option<String>,
    /// Looked at on updates only; empty keeps the present one.
    pub(crate) new_password: Option<String>,
    pub(crate) muster: Option<AgentExtensionRequest>,
}

muster_http::debug_without_fields!(AgentRequest);

/// A role or team: its name, its id as a number or in digits, or an object with one of the two.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Reference {
    Id(i64),
    /// A name; digits that are nobody's name are an id.
    Text(String),
    Object(ReferenceObject),
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct ReferenceObject {
    pub(crate) id: Option<i64>,
    pub(crate) name: Option<String>,
}

/// One role or several.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(Reference),
    Many(Vec<Reference>),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<Reference> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

impl AgentRequest {
    /// The roles asked for; `None` when neither field is there, or `role` is an empty text.
    pub(crate) fn roles(&self) -> Option<Vec<Reference>> {
        let is_blank = |one: &OneOrMany| matches!(one, OneOrMany::One(Reference::Text(text)) if text.is_empty());
        let role = || self.role.clone().filter(|one| !is_blank(one)).map(OneOrMany::into_vec);
        self.roles.clone().or_else(role)
    }
}

/// The desk's own fields of an agent to be written; absent ones stay as they are. Ours, not the
/// product's.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct AgentExtensionRequest {
    /// Unique; one with `@` must be the agent's own e-mail.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) login: Option<String>,
    pub(crate) login_using_email: Option<bool>,
    /// ISO 3166 alpha-2.
    #[serde(default)]
    pub(crate) phone_number_country_code: Patch<String>,
    /// `+` and digits.
    #[serde(default)]
    pub(crate) phone_number_calling_code: Patch<String>,
    #[serde(default)]
    pub(crate) phone_number: Patch<String>,
    #[serde(default)]
    pub(crate) country: Patch<String>,
    #[schema(max_length = 255)]
    pub(crate) job_description: Option<String>,
    pub(crate) locked: Option<bool>,
    pub(crate) serves: Option<bool>,
    /// Null: the desk's default.
    #[serde(default)]
    pub(crate) capacity: Patch<u16>,
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) rank: Option<u8>,
    pub(crate) channels: Option<ChannelsRequest>,
    pub(crate) auto_answer: Option<AutoAnswerWord>,
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub(crate) call_controls: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    pub(crate) sip_location: Patch<String>,
    pub(crate) screen_recording: Option<bool>,
    #[serde(default)]
    pub(crate) agent_data: Patch<String>,
    /// Merged by key; null deletes a value, an undefined key is refused.
    pub(crate) custom_attributes: Option<BTreeMap<String, Value>>,
    /// As `custom_attributes`.
    pub(crate) skill_attributes: Option<BTreeMap<String, Value>>,
    /// Replaces the skills held explicitly.
    pub(crate) skills: Option<Vec<AgentSkillRequest>>,
    /// Changes places in teams that the agent is in once `teams` is as asked for.
    pub(crate) memberships: Option<Vec<MembershipRequest>>,
}

/// A skill an agent holds, by name or id.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub(crate) struct AgentSkillRequest {
    pub(crate) name: Option<String>,
    pub(crate) id: Option<i64>,
    /// 100, the best, when absent.
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) level: Option<u8>,
}

/// An agent's place in one team, by id or name.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub(crate) struct MembershipRequest {
    pub(crate) team_id: Option<i64>,
    pub(crate) name: Option<String>,
    pub(crate) role: Option<MembershipRoleWord>,
    /// Null: no limit of its own.
    #[serde(default)]
    pub(crate) capacity: Patch<u16>,
    /// Lower first.
    pub(crate) order: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(json: &str) -> AgentRequest {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn roles_are_taken_before_role() {
        let names = |json| {
            request(json).roles().map(|all| {
                let text = |one| if let Reference::Text(text) = one { text } else { String::new() };
                all.into_iter().map(text).collect::<Vec<_>>()
            })
        };
        assert_eq!(names(r#"{"roles":["A"],"role":"B"}"#), Some(vec!["A".to_owned()]));
        assert_eq!(names(r#"{"role":"B"}"#), Some(vec!["B".to_owned()]));
        assert_eq!(names(r#"{"role":["B","C"]}"#), Some(vec!["B".to_owned(), "C".to_owned()]));
        assert_eq!(names(r#"{"roles":[],"role":"B"}"#), Some(vec![]));
        assert_eq!(names(r#"{"roles":null,"role":""}"#), None);
        assert_eq!(names("{}"), None);
    }

    #[test]
    fn a_reference_is_a_name_a_number_or_an_object() {
        let all =
            request(r#"{"teams":["Sales",7,{"id":8,"name":"x","emoji":null},{"name":"Support"}]}"#).teams.unwrap();
        assert!(matches!(&all[0], Reference::Text(name) if name == "Sales"));
        assert!(matches!(all[1], Reference::Id(7)));
        assert!(matches!(all[2], Reference::Object(ReferenceObject { id: Some(8), .. })));
        assert!(
            matches!(&all[3], Reference::Object(ReferenceObject { id: None, name: Some(name) }) if name == "Support")
        );
        for bad in [r#"{"teams":[true]}"#, r#"{"teams":[1.5]}"#, r#"{"teams":"x"}"#] {
            assert!(serde_json::from_str::<AgentRequest>(bad).is_err(), "{bad}");
        }
    }
}
