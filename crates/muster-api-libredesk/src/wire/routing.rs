//! Why a conversation is where it is. This desk's own.

use std::collections::BTreeMap;

use muster_app::conversations;
use muster_core::routing::{Asked, Excluded, Explanation, Ranked};
use muster_core::view::Decision;
use serde::{Deserialize as _, Serialize};
use utoipa::ToSchema;

use super::Time;

/// The way of a conversation through the queue, in plain words and as facts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Routing {
    /// How things stand, a line each.
    pub(crate) words: Vec<String>,
    /// Who could get it now, and who couldn't; null unless it waits.
    #[schema(required)]
    pub(crate) waiting: Option<RoutingExplanation>,
    /// What was decided so far, oldest first.
    pub(crate) decisions: Vec<RoutingDecision>,
    /// Whether the decisions' chain of hashes holds: none was changed or taken out.
    pub(crate) intact: bool,
}

impl From<conversations::Routing> for Routing {
    fn from(routing: conversations::Routing) -> Self {
        let conversations::Routing { decisions, intact, waiting, words } = routing;
        Self {
            words,
            waiting: waiting.map(Into::into),
            decisions: decisions.into_iter().map(Into::into).collect(),
            intact,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoutingDecision {
    pub(crate) at: Time,
    /// `assigned`, `offered`, `nobody` or `lost_race`.
    pub(crate) outcome: &'static str,
    #[schema(required)]
    pub(crate) agent_id: Option<i64>,
    #[schema(required)]
    pub(crate) agent: Option<String>,
    pub(crate) words: Vec<String>,
    /// What it was decided from.
    #[schema(required)]
    pub(crate) because: Option<RoutingExplanation>,
    pub(crate) policy_version: i64,
    /// Over the decision and the hash of the one before, in hexadecimal.
    pub(crate) hash: String,
}

/// Who may have a conversation, in order, and who may not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoutingExplanation {
    pub(crate) policy_version: i64,
    #[schema(required)]
    pub(crate) team_id: Option<i64>,
    /// People take the team's conversations themselves.
    pub(crate) manual: bool,
    pub(crate) skills: Vec<SkillAsked>,
    /// The first gets it. Not more than twenty are named.
    pub(crate) candidates: Vec<RoutingCandidate>,
    pub(crate) candidate_count: usize,
    /// Not more than fifty are named.
    pub(crate) excluded: Vec<RoutingExclusion>,
    /// All who may not have it, by the word of their first reason.
    pub(crate) excluded_counts: BTreeMap<String, usize>,
    /// What keeps those who came closest from it.
    pub(crate) reasons: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SkillAsked {
    pub(crate) skill_id: i64,
    #[schema(required)]
    pub(crate) skill: Option<String>,
    /// Least level, 1 to 100.
    pub(crate) level: u8,
}

/// A candidate with what the order compares, in that order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoutingCandidate {
    pub(crate) agent_id: i64,
    pub(crate) agent: String,
    /// Comes before all others.
    pub(crate) preferred: bool,
    pub(crate) open_conversations: u16,
    /// In the skills asked for, in their order.
    pub(crate) levels: Vec<u8>,
    /// Within the team.
    #[schema(required)]
    pub(crate) order: Option<i32>,
    /// Conversations given within the team so far.
    #[schema(required)]
    pub(crate) assignment_count: Option<i64>,
    #[schema(required)]
    pub(crate) last_assigned_at: Option<Time>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoutingExclusion {
    pub(crate) agent_id: i64,
    pub(crate) agent: String,
    /// A word such as `paused`, `full` or `skill:7`.
    pub(crate) reason: String,
}

impl From<Decision> for RoutingDecision {
    fn from(decision: Decision) -> Self {
        let Decision { at, outcome, agent, agent_name, because, policy_version, hash } = decision;
        let because = Explanation::deserialize(because).ok();
        Self {
            at: Time(at),
            outcome: outcome.as_str(),
            agent_id: agent.map(|id| id.0),
            agent: agent_name,
            words: because.as_ref().map(Explanation::in_words).unwrap_or_default(),
            because: because.map(Into::into),
            policy_version,
            hash,
        }
    }
}

impl From<Explanation> for RoutingExplanation {
    fn from(explanation: Explanation) -> Self {
        let Explanation {
            policy_version,
            team,
            manual,
            skills,
            candidates,
            candidate_count,
            excluded,
            excluded_counts,
            reasons,
        } = explanation;
        Self {
            policy_version,
            team_id: team.map(|id| id.0),
            manual,
            skills: skills.into_iter().map(Into::into).collect(),
            candidates: candidates.into_iter().map(Into::into).collect(),
            candidate_count,
            excluded: excluded.into_iter().map(Into::into).collect(),
            excluded_counts: excluded_counts.into_iter().map(|(reason, count)| (reason.to_string(), count)).collect(),
            reasons: reasons.iter().map(|reason| reason.to_string()).collect(),
        }
    }
}

impl From<Asked> for SkillAsked {
    fn from(Asked { skill, name, level }: Asked) -> Self {
        Self { skill_id: skill.0, skill: name, level }
    }
}

impl From<Ranked> for RoutingCandidate {
    fn from(ranked: Ranked) -> Self {
        let Ranked { agent, name, preferred, load, levels, order, assignment_count, last_assigned_at } = ranked;
        Self {
            agent_id: agent.0,
            agent: name,
            preferred,
            open_conversations: load,
            levels,
            order,
            assignment_count,
            last_assigned_at: last_assigned_at.map(Time),
        }
    }
}

impl From<Excluded> for RoutingExclusion {
    fn from(Excluded { agent, name, reason }: Excluded) -> Self {
        Self { agent_id: agent.0, agent: name, reason: reason.to_string() }
    }
}
