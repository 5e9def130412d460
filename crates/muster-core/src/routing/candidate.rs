use std::collections::BTreeMap;

use crate::agent::{Channels, MembershipRole, Profile};
use crate::id::{AgentId, SkillId, TeamId};
use crate::permission::Permission;
use crate::presence::State;
use crate::time::Timestamp;

/// An agent as the router sees it: facts only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: AgentId,
    pub name: String,
    pub deleted: bool,
    pub enabled: bool,
    pub locked: bool,
    /// Takes customer work.
    pub serves: bool,
    /// Has the rights that answering customers needs.
    pub answers: bool,
    /// May read conversations that nobody and no team has.
    pub reads_unassigned: bool,
    pub channels: Channels,
    /// `None`: the desk's default.
    pub capacity: Option<u16>,
    pub state: State,
    /// At most one for each team.
    pub memberships: Vec<Seat>,
    /// Effective level by skill.
    pub levels: BTreeMap<SkillId, u8>,
}

/// An agent's place in a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    pub team: TeamId,
    pub role: MembershipRole,
    /// Open conversations of this team at a time; `None`: no limit of its own.
    pub capacity: Option<u16>,
    /// Lower first.
    pub order: i32,
    pub assignment_count: i64,
    /// Open conversations of this team that the agent holds.
    pub load: u16,
}

impl Candidate {
    #[must_use]
    pub fn from_profile(profile: &Profile) -> Self {
        let agent = &profile.agent;
        let permissions = profile.permissions();
        Self {
            id: agent.id,
            name: agent.name(),
            deleted: agent.deleted_at.is_some(),
            enabled: agent.enabled,
            locked: agent.locked,
            serves: agent.serves,
            answers: profile.answers(),
            reads_unassigned: permissions.contains(Permission::ConversationsReadUnassigned)
                || permissions.contains(Permission::ConversationsReadAll),
            channels: agent.channels,
            capacity: agent.capacity,
            state: profile.state.clone(),
            memberships: profile.teams.iter().map(|held| Seat::from(&held.membership)).collect(),
            levels: profile.levels(),
        }
    }

    #[must_use]
    pub fn seat(&self, team: TeamId) -> Option<&Seat> {
        self.memberships.iter().find(|seat| seat.team == team)
    }

    /// Counts one more open conversation, given at `now`.
    pub fn take(&mut self, team: Option<TeamId>, now: Timestamp) {
        self.state.load = self.state.load.saturating_add(1);
        self.state.last_assigned_at = Some(now);
        if let Some(seat) = self.memberships.iter_mut().find(|seat| Some(seat.team) == team) {
            seat.load = seat.load.saturating_add(1);
            seat.assignment_count = seat.assignment_count.saturating_add(1);
        }
    }
}

impl From<&crate::agent::Membership> for Seat {
    fn from(membership: &crate::agent::Membership) -> Self {
        Self {
            team: membership.team,
            role: membership.role,
            capacity: membership.capacity,
            order: membership.order,
            assignment_count: membership.assignment_count,
            load: membership.load,
        }
    }
}
