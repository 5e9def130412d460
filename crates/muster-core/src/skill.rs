//! Skills: held explicitly with a level, or derived from attributes.

use crate::id::{PublicId, SkillId, TeamId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

pub const NAME_MAX: usize = 140;
pub const LEVEL_MAX: u8 = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    pub id: SkillId,
    pub public_id: PublicId,
    pub name: String,
    pub description: String,
    pub team: Option<TeamId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

/// What a conversation asks of whoever answers it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequiredSkill {
    pub skill: SkillId,
    /// Least effective level, 1 to 100.
    pub level: u8,
}
