//! Skills: a resource of ours in the product's manner.

use muster_core::skill;
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

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
}

impl From<skill::Skill> for Skill {
    fn from(skill: skill::Skill) -> Self {
        let skill::Skill { id, public_id: _, name, description, team, created_at, updated_at, version: _ } = skill;
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            name,
            description,
            team_id: team.map(|team| team.0),
        }
    }
}

/// A skill to be written. On an update an absent field stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct SkillRequest {
    /// Needed on creation.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) team_id: Patch<i64>,
}
