use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::SkillId;

/// Why an agent doesn't get a conversation. Kept as a word; a missing skill as `skill:` and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    Gone,
    Disabled,
    Locked,
    NotServing,
    MayNotReply,
    TeamClosed,
    /// Not in the team; for a conversation without one: may not read those.
    NotMember,
    Analyst,
    /// Lacks a skill, or holds it below the level asked for.
    Skill(SkillId),
    /// No permission for text, or signed in for other work.
    Channel,
    Paused,
    Reassigning,
    Idle,
    WrapUp,
    Absent,
    /// Somebody else says the agent is there; nothing proves it.
    DeclaredOnly,
    Full,
    FullInTeam,
    /// Gave the conversation back, or lost it, a moment ago.
    Excluded,
}

const SKILL: &str = "skill:";

impl Reason {
    /// All but [`Reason::Skill`], in order.
    const PLAIN: [Self; 18] = [
        Self::Gone,
        Self::Disabled,
        Self::Locked,
        Self::NotServing,
        Self::MayNotReply,
        Self::TeamClosed,
        Self::NotMember,
        Self::Analyst,
        Self::Channel,
        Self::Paused,
        Self::Reassigning,
        Self::Idle,
        Self::WrapUp,
        Self::Absent,
        Self::DeclaredOnly,
        Self::Full,
        Self::FullInTeam,
        Self::Excluded,
    ];

    /// The word without what it carries.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Disabled => "disabled",
            Self::Locked => "locked",
            Self::NotServing => "not_serving",
            Self::MayNotReply => "may_not_reply",
            Self::TeamClosed => "team_closed",
            Self::NotMember => "not_member",
            Self::Analyst => "analyst",
            Self::Skill(_) => "skill",
            Self::Channel => "channel",
            Self::Paused => "paused",
            Self::Reassigning => "reassigning",
            Self::Idle => "idle",
            Self::WrapUp => "wrap_up",
            Self::Absent => "absent",
            Self::DeclaredOnly => "declared_only",
            Self::Full => "full",
            Self::FullInTeam => "full_in_team",
            Self::Excluded => "excluded",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skill(skill) => write!(f, "{SKILL}{skill}"),
            _ => f.write_str(self.word()),
        }
    }
}

/// A text that is no reason's word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown reason {0:?}")]
pub struct UnknownReason(String);

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        let skill = text.strip_prefix(SKILL).and_then(|id| id.parse().ok()).map(|id| Self::Skill(SkillId(id)));
        skill
            .or_else(|| Self::PLAIN.into_iter().find(|reason| reason.word() == text))
            .ok_or_else(|| UnknownReason(text.to_owned()))
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Distinct reasons in a fixed order. Small and quick to compare: the router compares those of
/// everything that waits in every round.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Reasons {
    /// One bit for each of [`Reason::PLAIN`].
    plain: u32,
    skills: BTreeSet<SkillId>,
}

impl Reasons {
    pub const NONE: Self = Self { plain: 0, skills: BTreeSet::new() };

    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    pub fn insert(&mut self, reason: Reason) {
        match reason {
            Reason::Skill(skill) => {
                self.skills.insert(skill);
            }
            plain => self.plain |= Self::bit(plain),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Reason> {
        let plain = Reason::PLAIN.into_iter().filter(|reason| self.plain & Self::bit(*reason) != 0);
        plain.chain(self.skills.iter().copied().map(Reason::Skill))
    }

    fn bit(reason: Reason) -> u32 {
        let at = Reason::PLAIN.iter().position(|plain| *plain == reason);
        at.map_or(0, |at| 1 << at)
    }
}

impl FromIterator<Reason> for Reasons {
    fn from_iter<I: IntoIterator<Item = Reason>>(reasons: I) -> Self {
        let mut set = Self::NONE;
        reasons.into_iter().for_each(|reason| set.insert(reason));
        set
    }
}

impl Serialize for Reasons {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Reasons {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Reason>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_parses_back() {
        for reason in Reason::PLAIN.into_iter().chain([Reason::Skill(SkillId(12))]) {
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), reason, "{json}");
        }
        for bad in ["", "skill", "skill:", "skill:French", "away"] {
            assert!(bad.parse::<Reason>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_set_of_reasons_is_a_list_of_words_in_one_order() {
        let reasons: Reasons =
            [Reason::Skill(SkillId(7)), Reason::Full, Reason::Absent, Reason::Full].into_iter().collect();
        let json = serde_json::to_string(&reasons).unwrap();
        assert_eq!(json, r#"["absent","full","skill:7"]"#);
        assert_eq!(serde_json::from_str::<Reasons>(&json).unwrap(), reasons);
        assert!(!reasons.is_empty() && Reasons::NONE.is_empty());
    }
}
