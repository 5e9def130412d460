//! Skills: held explicitly with a level, or derived from attributes.

mod condition;

pub use condition::{Condition, Op, Test};

use crate::agent::Attributes;
use crate::attribute::Definition;
use crate::id::{PublicId, SkillId, TeamId};
use crate::time::Timestamp;
use crate::{Error, Result, Why};
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
    /// Who has it by their attributes.
    pub rule: Option<Rule>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

/// Gives a skill to every agent whose values of [`Scope::AgentSkill`](crate::attribute::Scope::AgentSkill) meet a
/// condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub condition: Condition,
    /// 1 to 100.
    pub level: u8,
}

impl Rule {
    /// The rule with its attributes spelled as they are defined.
    ///
    /// # Errors
    /// As [`Condition::checked`]; [`Error::Invalid`] for the level.
    pub fn checked(self, definitions: &[Definition]) -> Result<Self> {
        if !(1..=LEVEL_MAX).contains(&self.level) {
            return Err(Error::invalid("rule_level", Why::OutOfRange));
        }
        Ok(Self { condition: self.condition.checked(definitions)?, level: self.level })
    }

    /// The level that somebody with these values has by it.
    #[must_use]
    pub fn level_of(&self, values: &Attributes) -> Option<u8> {
        self.condition.holds(values).then_some(self.level)
    }
}

/// What a conversation asks of whoever answers it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequiredSkill {
    pub skill: SkillId,
    /// Least effective level, 1 to 100.
    pub level: u8,
}
