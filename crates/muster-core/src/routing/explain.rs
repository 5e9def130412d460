use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::board::Demand;
use super::order::Pool;
use super::roster::{Need, Roster};
use super::set::Set;
use super::{Board, Policy, Reason, Reasons, Waiting};
use crate::id::{AgentId, ConversationId, SkillId, TeamId};
use crate::time::Timestamp;

mod words;

/// How many candidates an explanation names at most.
pub const CANDIDATES_NAMED: usize = 10;
/// How many of those who may not have it an explanation names at most.
pub const EXCLUDED_NAMED: usize = 25;

/// What a decision was made from. Stored with it as JSON, bounded in size.
pub type Because = Explanation;

/// Who may have a conversation, in order, and who may not, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The version of the [`Policy`] that was applied.
    pub policy_version: i64,
    pub team: Option<TeamId>,
    /// People take the team's conversations; the router gives none out.
    pub manual: bool,
    pub skills: Vec<Asked>,
    /// The first gets it. The first [`CANDIDATES_NAMED`] are named.
    pub candidates: Vec<Ranked>,
    pub candidate_count: usize,
    /// Those who came closest first, but before them the preferred agent. The first
    /// [`EXCLUDED_NAMED`] are named.
    pub excluded: Vec<Excluded>,
    /// All who may not have it, named or not, by their first reason.
    pub excluded_counts: BTreeMap<Reason, usize>,
    /// What keeps those who came closest from it. Empty if there is a candidate, or no agent at all.
    pub reasons: Reasons,
}

/// A skill that the conversation asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub skill: SkillId,
    /// `None`: the board knew no name.
    pub name: Option<String>,
    /// Least level.
    pub level: u8,
}

/// A candidate with the values of the order, in the order in which they are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranked {
    pub agent: AgentId,
    pub name: String,
    /// The conversation's preferred agent, who comes before all.
    pub preferred: bool,
    /// Open conversations.
    pub load: u16,
    /// Effective levels in the skills asked for, in their order. The lowest counts, higher first.
    pub levels: Vec<u8>,
    /// In the conversation's team; `None` for a conversation without one.
    pub order: Option<i32>,
    pub assignment_count: Option<i64>,
    pub last_assigned_at: Option<Timestamp>,
}

/// An agent who may not have the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    pub agent: AgentId,
    pub name: String,
    pub reason: Reason,
}

/// Explains who would get a waiting conversation if it were next, whether or not people take it
/// themselves. `None`: it doesn't wait.
#[must_use]
pub fn explain(board: &Board, policy: &Policy, now: Timestamp, conversation: ConversationId) -> Option<Explanation> {
    let waiting = board.waiting(conversation)?;
    let demand = board.demand_of(conversation)?;
    let mut roster = Roster::new(board, policy, now);
    let need = roster.need(demand);
    let mut pool = Pool::new(&roster, &need);
    let ranked = pool.ranked(&roster, &need, waiting, CANDIDATES_NAMED);
    let reasons = if ranked.is_empty() { roster.nearest(&need) } else { Reasons::NONE };
    Some(Findings { waiting, pool: pool.members(), ranked, reasons }.explain(&roster, &need))
}

/// What was found out about one entry.
pub(super) struct Findings<'a> {
    pub(super) waiting: &'a Waiting,
    /// Everybody who may have what the entry's line asks for.
    pub(super) pool: &'a Set,
    /// The candidates to name, in order, by their place in the roster.
    pub(super) ranked: Vec<usize>,
    pub(super) reasons: Reasons,
}

impl Findings<'_> {
    pub(super) fn explain(self, roster: &Roster<'_>, need: &Need<'_>) -> Explanation {
        let demand = need.demand;
        let misses = self.misses(roster, need);
        let excluded_counts: BTreeMap<Reason, usize> =
            misses.iter().map(|(reason, set)| (*reason, set.len())).collect();
        Explanation {
            policy_version: roster.policy().version,
            team: demand.team,
            manual: roster.board().is_manual(demand.team, roster.policy()),
            skills: asked(roster.board(), demand),
            candidates: self.ranked.iter().map(|at| self.rank(roster, demand, *at)).collect(),
            candidate_count: roster.len() - excluded_counts.values().sum::<usize>(),
            excluded: self.name_excluded(roster, &misses),
            excluded_counts,
            reasons: self.reasons,
        }
    }

    /// Everybody who may not have the entry, by reason; those who came closest first.
    fn misses(&self, roster: &Roster<'_>, need: &Need<'_>) -> Vec<(Reason, Set)> {
        let mut excluded = Set::empty(roster.len());
        for at in self.waiting.excluded.iter().filter_map(|exclusion| roster.find(exclusion.agent)) {
            if self.pool.contains(at) && self.waiting.excludes(roster.agent(at).id, roster.now()) {
                excluded.insert(at);
            }
        }
        let mut misses = roster.misses(need);
        if !excluded.is_empty() {
            misses.insert(0, (Reason::Excluded, excluded));
        }
        misses
    }

    fn rank(&self, roster: &Roster<'_>, demand: &Demand, at: usize) -> Ranked {
        let agent = roster.agent(at);
        let seat = demand.team.and_then(|team| agent.seat(team));
        Ranked {
            agent: agent.id,
            name: agent.name.clone(),
            preferred: self.waiting.preferred_agent == Some(agent.id),
            load: agent.state.load,
            levels: demand.skills.iter().filter_map(|asked| agent.levels.get(&asked.skill)).copied().collect(),
            order: seat.map(|seat| seat.order),
            assignment_count: seat.map(|seat| seat.assignment_count),
            last_assigned_at: agent.state.last_assigned_at,
        }
    }

    fn name_excluded(&self, roster: &Roster<'_>, misses: &[(Reason, Set)]) -> Vec<Excluded> {
        let preferred = self.waiting.preferred_agent.and_then(|agent| roster.find(agent));
        let everybody = misses.iter().flat_map(|(reason, set)| set.iter().map(|at| (at, *reason)));
        let first = misses.iter().find_map(|(reason, set)| Some((preferred.filter(|at| set.contains(*at))?, *reason)));
        let others = everybody.filter(|(at, _)| Some(*at) != preferred);
        let named = first.into_iter().chain(others).take(EXCLUDED_NAMED);
        named
            .map(|(at, reason)| Excluded { agent: roster.agent(at).id, name: roster.agent(at).name.clone(), reason })
            .collect()
    }
}

fn asked(board: &Board, demand: &Demand) -> Vec<Asked> {
    let name = |skill| board.skill_name(skill).map(str::to_owned);
    demand
        .skills
        .iter()
        .map(|required| Asked { skill: required.skill, name: name(required.skill), level: required.level })
        .collect()
}
