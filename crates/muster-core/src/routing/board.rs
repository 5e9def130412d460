use std::collections::{BTreeMap, btree_map};

use serde::{Deserialize, Serialize};

use super::{Candidate, Policy, Reasons, Seat};
use crate::id::{AgentId, ConversationId, SkillId, TeamId};
use crate::inbox::Medium;
use crate::skill::RequiredSkill;
use crate::team::{Team, TeamMode};
use crate::time::Timestamp;

/// A team as the router sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRules {
    pub id: TeamId,
    /// Enabled and not archived.
    pub open: bool,
    pub mode: TeamMode,
    /// Open conversations of this team per member; `None`: no limit.
    pub member_cap: Option<u16>,
}

impl From<&Team> for TeamRules {
    fn from(team: &Team) -> Self {
        Self { id: team.id, open: team.is_open(), mode: team.mode, member_cap: team.member_cap }
    }
}

impl TeamRules {
    /// How many open conversations of the team the holder of `seat` may have; `None`: any number.
    #[must_use]
    pub fn cap(&self, seat: &Seat) -> Option<u16> {
        seat.capacity.into_iter().chain(self.member_cap).min()
    }
}

/// An agent who may not get a conversation before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Exclusion {
    pub agent: AgentId,
    pub until: Timestamp,
}

/// A conversation in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub conversation: ConversationId,
    pub team: Option<TeamId>,
    pub medium: Medium,
    /// Lower first.
    pub rank: i64,
    pub queued_at: Timestamp,
    pub excluded: Vec<Exclusion>,
    pub required_skills: Vec<RequiredSkill>,
    /// Gets it if eligible, whoever else is.
    pub preferred_agent: Option<AgentId>,
    /// The reasons of the last stored decision that found nobody; `None`: there is none. As long
    /// as they stay the same, [`decide`](super::decide) doesn't repeat it.
    pub last_reasons: Option<Reasons>,
}

impl Waiting {
    #[must_use]
    pub fn excludes(&self, agent: AgentId, now: Timestamp) -> bool {
        self.excluded.iter().any(|exclusion| exclusion.agent == agent && exclusion.until > now)
    }

    pub(super) fn place(&self) -> Place {
        Place { rank: self.rank, queued_at: self.queued_at, conversation: self.conversation }
    }

    fn demand(&self) -> Demand {
        Demand { team: self.team, medium: self.medium, skills: self.required_skills.clone() }
    }

    /// Puts the lists into the one order that makes equal entries equal.
    fn normalize(&mut self) {
        self.excluded.sort_unstable();
        self.excluded.dedup();
        // Highest level first within a skill, so that it is the one kept.
        self.required_skills.sort_unstable_by(|a, b| a.skill.cmp(&b.skill).then(b.level.cmp(&a.level)));
        self.required_skills.dedup_by_key(|required| required.skill);
    }
}

/// Where a conversation stands in the queue: first come first served within a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    rank: i64,
    queued_at: Timestamp,
    conversation: ConversationId,
}

/// What a conversation asks of its agent. Conversations that ask the same stand in one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Demand {
    pub(super) team: Option<TeamId>,
    pub(super) medium: Medium,
    /// In order of skill.
    pub(super) skills: Vec<RequiredSkill>,
}

/// Conversations with the same demand, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line {
    entries: BTreeMap<Place, Waiting>,
    /// The `last_reasons` of the entries, each with how many have them.
    told: BTreeMap<Option<Reasons>, usize>,
}

impl Line {
    pub(super) fn entries(&self) -> &BTreeMap<Place, Waiting> {
        &self.entries
    }

    /// Whether these are the last reasons of every entry.
    pub(super) fn all_told(&self, reasons: &Reasons) -> bool {
        self.told.keys().all(|told| told.as_ref() == Some(reasons))
    }

    fn insert(&mut self, place: Place, waiting: Waiting) {
        *self.told.entry(waiting.last_reasons.clone()).or_default() += 1;
        self.entries.insert(place, waiting);
    }

    fn remove(&mut self, place: &Place) -> Option<Waiting> {
        let waiting = self.entries.remove(place)?;
        if let btree_map::Entry::Occupied(mut count) = self.told.entry(waiting.last_reasons.clone()) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        Some(waiting)
    }
}

/// All that a round of decisions looks at: who works here, and what waits.
///
/// Equal contents make equal boards, in whatever order they were put there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    agents: BTreeMap<AgentId, Candidate>,
    teams: BTreeMap<TeamId, TeamRules>,
    skill_names: BTreeMap<SkillId, String>,
    lines: BTreeMap<Demand, Line>,
    places: BTreeMap<ConversationId, (Demand, Place)>,
}

impl Board {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an agent on the board, in place of what it said of them.
    pub fn put_agent(&mut self, mut candidate: Candidate) {
        candidate.memberships.sort_unstable_by_key(|seat| seat.team);
        self.agents.insert(candidate.id, candidate);
    }

    pub fn remove_agent(&mut self, id: AgentId) -> Option<Candidate> {
        self.agents.remove(&id)
    }

    pub fn put_team(&mut self, team: TeamRules) {
        self.teams.insert(team.id, team);
    }

    /// A conversation of a team that isn't on the board is treated as one of a closed team.
    pub fn remove_team(&mut self, id: TeamId) -> Option<TeamRules> {
        self.teams.remove(&id)
    }

    /// Tells what people call a skill. Only explanations use it.
    pub fn put_skill_name(&mut self, id: SkillId, name: String) {
        self.skill_names.insert(id, name);
    }

    pub fn remove_skill_name(&mut self, id: SkillId) -> Option<String> {
        self.skill_names.remove(&id)
    }

    /// Puts a conversation into the queue, in place of its entry there.
    pub fn put_waiting(&mut self, mut waiting: Waiting) {
        self.remove_waiting(waiting.conversation);
        waiting.normalize();
        let (demand, place) = (waiting.demand(), waiting.place());
        self.places.insert(waiting.conversation, (demand.clone(), place));
        self.lines.entry(demand).or_default().insert(place, waiting);
    }

    pub fn remove_waiting(&mut self, id: ConversationId) -> Option<Waiting> {
        let (demand, place) = self.places.remove(&id)?;
        let line = self.lines.get_mut(&demand)?;
        let waiting = line.remove(&place);
        if line.entries.is_empty() {
            self.lines.remove(&demand);
        }
        waiting
    }

    #[must_use]
    pub fn agent(&self, id: AgentId) -> Option<&Candidate> {
        self.agents.get(&id)
    }

    /// In order of id.
    pub fn agents(&self) -> impl ExactSizeIterator<Item = &Candidate> {
        self.agents.values()
    }

    #[must_use]
    pub fn team(&self, id: TeamId) -> Option<&TeamRules> {
        self.teams.get(&id)
    }

    #[must_use]
    pub fn skill_name(&self, id: SkillId) -> Option<&str> {
        self.skill_names.get(&id).map(String::as_str)
    }

    #[must_use]
    pub fn waiting(&self, id: ConversationId) -> Option<&Waiting> {
        let (demand, place) = self.places.get(&id)?;
        self.lines.get(demand)?.entries.get(place)
    }

    /// Everything that waits, in no order that means anything.
    pub fn all_waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.lines.values().flat_map(|line| line.entries.values())
    }

    #[must_use]
    pub fn waiting_len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = (&Demand, &Line)> {
        self.lines.iter()
    }

    pub(super) fn demand_of(&self, id: ConversationId) -> Option<&Demand> {
        self.places.get(&id).map(|(demand, _)| demand)
    }

    /// Whether people take the conversations of `team` themselves.
    pub(super) fn is_manual(&self, team: Option<TeamId>, policy: &Policy) -> bool {
        policy.desk_mode_manual || team.and_then(|id| self.team(id)).is_some_and(|rules| rules.mode == TeamMode::Manual)
    }
}
