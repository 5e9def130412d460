//! Skills: a resource of ours in the product's manner.

use muster_core::skill;
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use super::condition::Condition;

/// Something agents are good at. Ours, not the product's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Skill {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) name: String,
    pub(crate) description: String,
    /// The team it is meant for; null: all.
    #[schema(required)]
    pub(crate) team_id: Option<i64>,
    /// Which agents have it by their skill attributes; null: only those it is given.
    #[schema(required)]
    pub(crate) rule: Option<Condition>,
    /// The level of those who have it by the rule, 1 to 100; null without a rule.
    #[schema(required)]
    pub(crate) rule_level: Option<u8>,
}

impl From<skill::Skill> for Skill {
    fn from(skill: skill::Skill) -> Self {
        let skill::Skill { id, public_id: _, name, description, team, rule, created_at, updated_at, version: _ } =
            skill;
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            name,
            description,
            team_id: team.map(|team| team.0),
            rule_level: rule.as_ref().map(|rule| rule.level),
            rule: rule.map(|rule| rule.condition.into()),
        }
    }
}

/// A skill to be written. On an update an absent field stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"name": "French", "rule": {"test": {"attribute": "language", "op": "eq", "value": "fr"}}, "rule_level": 100}))]
pub(crate) struct SkillRequest {
    /// Needed on creation.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) team_id: Patch<i64>,
    /// Null takes the rule away.
    #[serde(default)]
    pub(crate) rule: Patch<Condition>,
    /// 1 to 100; 100 for a new rule when absent.
    pub(crate) rule_level: Option<u8>,
}
