//! A desk to route on: plain lists, and the board made of them.

use std::collections::BTreeMap;
use std::time::Duration;

use muster_core::Timestamp;
use muster_core::agent::{Channels, MembershipRole};
use muster_core::id::{AgentId, ConversationId, SkillId, TeamId};
use muster_core::inbox::Medium;
use muster_core::presence::{Link, State};
use muster_core::routing::{Board, Candidate, Decision, Outcome, Policy, Seat, TeamRules, Waiting, decide};
use muster_core::skill::RequiredSkill;
use muster_core::team::TeamMode;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub(crate) const TEAM: TeamId = TeamId(1);
pub(crate) const FRENCH: SkillId = SkillId(1);

pub(crate) fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

pub(crate) fn earlier(seconds: u64) -> Timestamp {
    NOW - Duration::from_secs(seconds)
}

/// An agent who may be given anything that waits for [`TEAM`] or for no team.
pub(crate) fn agent(id: i64, name: &str) -> Candidate {
    Candidate {
        id: AgentId(id),
        name: name.into(),
        deleted: false,
        enabled: true,
        locked: false,
        serves: true,
        answers: true,
        reads_unassigned: true,
        channels: Channels::DEFAULT,
        capacity: Some(5),
        state: State { link: Link::Live, lease_until: Some(later(90)), ..State::new(NOW) },
        memberships: vec![seat(TEAM)],
        levels: BTreeMap::new(),
    }
}

pub(crate) fn seat(team: TeamId) -> Seat {
    Seat { team, role: MembershipRole::Agent, capacity: None, order: 0, assignment_count: 0, load: 0 }
}

pub(crate) fn team(id: TeamId) -> TeamRules {
    TeamRules { id, open: true, mode: TeamMode::Auto, member_cap: None }
}

/// A chat that waits for [`TEAM`].
pub(crate) fn waiting(id: i64) -> Waiting {
    Waiting {
        conversation: ConversationId(id),
        team: Some(TEAM),
        medium: Medium::Chat,
        rank: 99,
        queued_at: earlier(60),
        excluded: vec![],
        required_skills: vec![],
        preferred_agent: None,
        last_reasons: None,
    }
}

pub(crate) fn french(level: u8) -> Vec<RequiredSkill> {
    vec![RequiredSkill { skill: FRENCH, level }]
}

#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) agents: Vec<Candidate>,
    pub(crate) teams: Vec<TeamRules>,
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) policy: Policy,
}

impl Desk {
    /// A desk with one open team.
    pub(crate) fn new(agents: Vec<Candidate>, waiting: Vec<Waiting>) -> Self {
        Self { agents, teams: vec![team(TEAM)], waiting, policy: Policy::default() }
    }

    pub(crate) fn board(&self) -> Board {
        let mut board = Board::new();
        self.agents.iter().cloned().for_each(|agent| board.put_agent(agent));
        self.teams.iter().cloned().for_each(|team| board.put_team(team));
        self.waiting.iter().cloned().for_each(|waiting| board.put_waiting(waiting));
        board.put_skill_name(FRENCH, "French".into());
        board
    }

    pub(crate) fn decide(&self) -> Vec<Decision> {
        decide(&self.board(), &self.policy, NOW)
    }

    pub(crate) fn agent(&self, id: AgentId) -> &Candidate {
        self.agents.iter().find(|agent| agent.id == id).unwrap()
    }

    pub(crate) fn team(&self, id: TeamId) -> Option<&TeamRules> {
        self.teams.iter().find(|team| team.id == id)
    }

    pub(crate) fn waiting(&self, id: ConversationId) -> &Waiting {
        self.waiting.iter().find(|waiting| waiting.conversation == id).unwrap()
    }

    pub(crate) fn is_manual(&self, waiting: &Waiting) -> bool {
        let team = waiting.team.and_then(|id| self.team(id));
        self.policy.desk_mode_manual || team.is_some_and(|team| team.mode == TeamMode::Manual)
    }

    /// Does what was decided.
    pub(crate) fn apply(&mut self, decision: &Decision) {
        let at = self.waiting.iter().position(|waiting| waiting.conversation == decision.conversation).unwrap();
        match decision.outcome {
            Outcome::Assign(to) => {
                let team = self.waiting.remove(at).team;
                let agent = self.agents.iter_mut().find(|agent| agent.id == to).unwrap();
                agent.state.load += 1;
                agent.state.last_assigned_at = Some(NOW);
                if let Some(seat) = agent.memberships.iter_mut().find(|seat| Some(seat.team) == team) {
                    seat.load += 1;
                    seat.assignment_count += 1;
                }
            }
            Outcome::Nobody => self.waiting[at].last_reasons = Some(decision.because.reasons.clone()),
        }
    }

    pub(crate) fn apply_all(&mut self, decisions: &[Decision]) {
        decisions.iter().for_each(|decision| self.apply(decision));
    }
}

/// Who gets what.
pub(crate) fn assignments(decisions: &[Decision]) -> Vec<(i64, i64)> {
    let assigned = |decision: &Decision| match decision.outcome {
        Outcome::Assign(agent) => Some((decision.conversation.0, agent.0)),
        Outcome::Nobody => None,
    };
    decisions.iter().filter_map(assigned).collect()
}
