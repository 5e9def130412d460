//! A skill to be created.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::sent::Sent;
use crate::extract::Wire;

// Wire (documented, "Create Skill": the names that its failures mention).
/// A skill to be created, with the agents who get it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"userName": "acme", "skillName": "French", "skillDetail1": "Speaks French", "skillLocation": "Mumbai", "record": "Do not record calls", "agents": [{"agentId": "kim", "priority": 1}]}))]
pub(crate) struct CreateSkill {
    /// The username of the account.
    #[schema(required, value_type = String)]
    #[expect(dead_code, reason = "the guard reads it")]
    #[serde(default)]
    user_name: Sent<String>,
    /// 3 to 140 characters.
    #[schema(required, value_type = String)]
    #[serde(default)]
    pub(crate) skill_name: Sent<String>,
    /// More than 2 characters; kept as the skill's description.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(default)]
    pub(crate) skill_detail1: Sent<String>,
    /// Checked, and not kept.
    #[schema(required, value_type = String)]
    #[serde(default)]
    pub(crate) skill_location: Sent<String>,
    /// Checked, and not kept.
    #[schema(required, value_type = RecordWord)]
    #[serde(default)]
    pub(crate) record: Sent<String>,
    /// There are no numbers here: any is refused.
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) phone_numbers: Option<Value>,
    #[schema(required, value_type = Vec<SkillAgent>)]
    pub(crate) agents: Option<Value>,
}

impl Wire for CreateSkill {}

/// Which calls of the skill are recorded.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a text")]
pub(crate) enum RecordWord {
    #[schema(rename = "Record the call in Full")]
    Full,
    #[schema(rename = "Record only the Conversation")]
    Conversation,
    #[schema(rename = "Do not record calls")]
    None,
}

// Wire (chosen): the name of the key; documented: the priority.
/// An agent who gets the skill.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what is read leniently")]
pub(crate) struct SkillAgent {
    agent_id: String,
    /// 1, served first, where it is absent.
    #[schema(nullable = false, minimum = 1, maximum = 100)]
    priority: Option<u8>,
}
