//! Agents as they are written.

use muster_core::agent::{AutoAnswer, Channel};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::call_controls::CallControls;
use super::sent::{Priority, Read, Sent};
use super::skills::SkillEntry;
use crate::extract::Wire;

// Wire (documented, "Edit Agent Details": types and meaning; the names: the page with the account's key).
/// A change of an agent. What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"userName": "acme", "agentId": "kim", "email": "kim@example.org", "agentNameNew": "Kim Doe", "assignAgentGroups": "Support"}))]
#[derive(Default)]
pub(crate) struct EditAgent {
    /// The username of the account.
    #[schema(required, value_type = String)]
    #[expect(dead_code, reason = "the guard reads it")]
    #[serde(default)]
    user_name: Sent<String>,
    /// The current agent ID.
    #[schema(required, value_type = String)]
    #[serde(default)]
    pub(crate) agent_id: Sent<String>,
    /// The updated agent ID: 2 to 50 letters, digits, `.`, `@`, `_`, `-`.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(default)]
    pub(crate) agent_id_new: Sent<String>,
    /// The updated name of the agent.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(default)]
    pub(crate) agent_name_new: Sent<String>,
    /// Skills to take away, before others are given.
    #[schema(value_type = Option<Vec<SkillEntry>>)]
    pub(crate) un_assign_skills: Option<Value>,
    /// Comma-separated list of agent groups to leave, before others are joined.
    #[schema(value_type = Option<String>)]
    pub(crate) un_assign_agent_groups: Option<Value>,
    #[serde(flatten)]
    pub(crate) fields: AgentFields,
}

/// An agent to be created.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"userName": "acme", "agentId": "kim", "agentName": "Kim Doe", "password": "abc", "email": "kim@example.org"}))]
pub(crate) struct CreateAgent {
    /// The username of the account.
    #[schema(required, value_type = String)]
    #[expect(dead_code, reason = "the guard reads it")]
    #[serde(default)]
    user_name: Sent<String>,
    /// The agent ID: 2 to 50 letters, digits, `.`, `@`, `_`, `-`.
    #[schema(required, value_type = String)]
    #[serde(default)]
    pub(crate) agent_id: Sent<String>,
    /// The agent's place among all, 1 first.
    #[schema(value_type = Option<u8>, nullable = false, minimum = 1, maximum = 100)]
    #[serde(default)]
    pub(crate) priority: Sent<Priority>,
    #[serde(flatten)]
    pub(crate) fields: AgentFields,
}

/// What is said of an agent on creation and in a change.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentFields {
    /// The current name of the agent: 2 to 50 letters, digits, blanks inside, `.`, `@`, `_`, `-`. A change never
    /// renames by it.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(default)]
    pub(crate) agent_name: Sent<String>,
    /// The email of the agent. Needed.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(default)]
    pub(crate) email: Sent<String>,
    /// The password of the agent: 3 to 50 characters.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(default)]
    pub(crate) password: Sent<String>,
    /// The auto-answer mode for the agent.
    #[schema(value_type = Option<AutoAnswerWord>, nullable = false)]
    #[serde(default)]
    pub(crate) auto_answer: Sent<AutoAnswer>,
    /// Enable inbound calls
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    inbound: Sent<bool>,
    /// Enable manual dialing
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    manual: Sent<bool>,
    /// Enable preview dialing
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    preview: Sent<bool>,
    /// Enable progressive dialing
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    progressive: Sent<bool>,
    /// Enable chat channel
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    chat: Sent<bool>,
    /// Enable blended mode
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    blended: Sent<bool>,
    /// Enable inbound calls in blended mode
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    blended_inbound: Sent<bool>,
    /// Enable manual dialing in blended mode
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    blended_manual: Sent<bool>,
    /// Enable preview mode in blended setup
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    blended_preview: Sent<bool>,
    /// Enable progressive dialing in blended setup
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    blended_progressive: Sent<bool>,
    /// Enable chat in blended mode
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    blended_chat: Sent<bool>,
    /// Which call buttons the agent has; those that are absent stay as they are.
    #[schema(value_type = Option<CallControls>)]
    pub(crate) call_controls: Option<Value>,
    /// Additional agent metadata: 2 to 100 letters, digits, `.`, `@`, `_`, `-`.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub(crate) agent_data: Sent<String>,
    /// SIP registration location for the agent
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub(crate) sip_location: Sent<String>,
    /// Enable screen recording for the agent
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    pub(crate) screen_recording: Sent<bool>,
    /// Skills to give.
    #[schema(value_type = Option<Vec<SkillEntry>>)]
    pub(crate) assign_skills: Option<Value>,
    /// Comma-separated list of agent groups to join.
    #[schema(value_type = Option<String>)]
    pub(crate) assign_agent_groups: Option<Value>,
    /// Lock the agent (true/false)
    #[schema(value_type = Option<bool>, nullable = false)]
    #[serde(default)]
    pub(crate) locked: Sent<bool>,
}

// Wire (chosen): the words of the administrators' pages; a request may write them in any case.
/// Which contacts are answered without the agent's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) enum AutoAnswerWord {
    None,
    Inbound,
    Outbound,
    All,
}

impl From<AutoAnswer> for AutoAnswerWord {
    fn from(auto_answer: AutoAnswer) -> Self {
        match auto_answer {
            AutoAnswer::None => Self::None,
            AutoAnswer::Inbound => Self::Inbound,
            AutoAnswer::Outbound => Self::Outbound,
            AutoAnswer::All => Self::All,
        }
    }
}

impl Read for AutoAnswer {
    fn read(value: &Value) -> Option<Self> {
        Self::parse(&value.as_str()?.to_ascii_lowercase())
    }
}

impl AgentFields {
    /// The eleven switches under their names, in the documented order.
    pub(crate) fn switches(&self) -> [(&'static str, Channel, &Sent<bool>); 11] {
        [
            ("inbound", Channel::Inbound, &self.inbound),
            ("manual", Channel::Manual, &self.manual),
            ("preview", Channel::Preview, &self.preview),
            ("progressive", Channel::Progressive, &self.progressive),
            ("chat", Channel::Chat, &self.chat),
            ("blended", Channel::Blended, &self.blended),
            ("blendedInbound", Channel::BlendedInbound, &self.blended_inbound),
            ("blendedManual", Channel::BlendedManual, &self.blended_manual),
            ("blendedPreview", Channel::BlendedPreview, &self.blended_preview),
            ("blendedProgressive", Channel::BlendedProgressive, &self.blended_progressive),
            ("blendedChat", Channel::BlendedChat, &self.blended_chat),
        ]
    }
}

// Wire (chosen): spellings of older pages and likely slips.
impl Wire for EditAgent {
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("newAgentId", "agentIdNew"),
        ("newAgentName", "agentNameNew"),
        ("unassignSkills", "unAssignSkills"),
        ("unassignAgentGroups", "unAssignAgentGroups"),
        ("assignGroups", "assignAgentGroups"),
        ("unAssignGroups", "unAssignAgentGroups"),
        ("lock", "locked"),
        ("callControllers", "callControls"),
    ];
}

impl Wire for CreateAgent {
    const ALIASES: &'static [(&'static str, &'static str)] =
        &[("assignGroups", "assignAgentGroups"), ("lock", "locked"), ("callControllers", "callControls")];
}

muster_http::debug_without_fields!(EditAgent, CreateAgent, AgentFields);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::extract::documented;

    fn read(sent: Value) -> EditAgent {
        let Value::Object(fields) = sent else { panic!("not an object") };
        serde_json::from_value(Value::Object(documented(fields, EditAgent::ALIASES))).unwrap()
    }

    #[test]
    fn other_spellings_count_where_the_documented_one_is_absent() {
        let sent =
            json!({"newAgentId": "a", "agentIdNew": "b", "lock": true, "newAgentName": "N", "unassignSkills": []});
        let edit = read(sent);
        assert_eq!(edit.agent_id_new, Sent::Given("b".to_owned()));
        assert_eq!(edit.fields.locked, Sent::Given(true));
        assert_eq!(edit.agent_name_new, Sent::Given("N".to_owned()));
        assert_eq!(edit.un_assign_skills, Some(json!([])));
    }

    #[test]
    fn no_value_of_whatever_type_keeps_a_request_from_being_read() {
        for value in [json!(null), json!(7), json!([[]]), json!({"a": {}}), json!(""), json!(1e300)] {
            let fields =
                ["agentId", "agentName", "autoAnswer", "blendedChat", "callControls", "assignSkills", "locked"];
            let sent: serde_json::Map<String, Value> =
                fields.into_iter().map(|field| (field.to_owned(), value.clone())).collect();
            read(Value::Object(sent));
        }
    }

    #[test]
    fn words_of_auto_answer_come_in_any_case() {
        assert_eq!(read(json!({"autoAnswer": "OUTBOUND"})).fields.auto_answer, Sent::Given(AutoAnswer::Outbound));
        assert_eq!(read(json!({"autoAnswer": "some"})).fields.auto_answer, Sent::Wrong);
    }
}
