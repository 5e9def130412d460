//! Who may see a conversation.

use crate::actor::{Actor, AgentActor};
use crate::agent::MembershipRole;
use crate::id::{AgentId, ContactId, InboxId, TeamId};
use crate::permission::Permission as P;
use crate::{Error, Refusal, Result};

/// The facts of a conversation that the access rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    pub assignee: Option<AgentId>,
    pub team: Option<TeamId>,
    pub contact: ContactId,
    pub inbox: InboxId,
}

/// Which conversations somebody may read: one that any of its parts admits. Lists turn it into a
/// condition of their query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Every conversation.
    pub all: bool,
    /// Those assigned to this agent.
    pub assigned_to: Option<AgentId>,
    /// All of these teams.
    pub teams: Vec<TeamId>,
    /// Those of these teams that nobody is assigned to.
    pub team_inboxes: Vec<TeamId>,
    /// Those that neither an agent nor a team is assigned to.
    pub unassigned: bool,
    /// Those of this contact in this inbox.
    pub contact: Option<(ContactId, InboxId)>,
}

impl Scope {
    #[must_use]
    pub fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Operator | Actor::System => Self { all: true, ..Self::default() },
            Actor::Visitor { contact, inbox } => Self { contact: Some((*contact, *inbox)), ..Self::default() },
            Actor::Agent(agent) if agent.permissions.contains(P::ConversationsRead) => Self::of_agent(agent),
            Actor::Agent(_) | Actor::Integration(_) => Self::default(),
        }
    }

    fn of_agent(agent: &AgentActor) -> Self {
        let may = |permission| agent.permissions.contains(permission);
        let whole = |role: &MembershipRole| may(P::ConversationsReadTeamAll) || *role == MembershipRole::Manager;
        let (teams, others): (Vec<_>, Vec<_>) = agent.teams.iter().partition(|(_, role)| whole(role));
        let ids = |teams: Vec<(&TeamId, &MembershipRole)>| teams.into_iter().map(|(team, _)| *team).collect();
        Self {
            all: may(P::ConversationsReadAll),
            assigned_to: may(P::ConversationsReadAssigned).then_some(agent.id),
            teams: ids(teams),
            team_inboxes: if may(P::ConversationsReadTeamInbox) { ids(others) } else { Vec::new() },
            unassigned: may(P::ConversationsReadUnassigned),
            contact: None,
        }
    }

    #[must_use]
    pub fn admits(&self, subject: &Subject) -> bool {
        self.all
            || self.assigned_to.is_some_and(|agent| subject.assignee == Some(agent))
            || subject.team.is_some_and(|team| self.teams.contains(&team))
            || subject.assignee.is_none() && subject.team.is_some_and(|team| self.team_inboxes.contains(&team))
            || self.unassigned && subject.assignee.is_none() && subject.team.is_none()
            || self.contact == Some((subject.contact, subject.inbox))
    }
}

/// Whether `actor` may read the conversation.
#[must_use]
pub fn may_read(actor: &Actor, subject: &Subject) -> bool {
    Scope::of(actor).admits(subject)
}

/// Whether `actor` holds `permission` over a conversation of `team`: over the whole desk, or as the
/// team's manager, to whom some rights belong within the team.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Unauthenticated`] for visitors.
pub fn require_in(actor: &Actor, permission: P, team: Option<TeamId>) -> Result<()> {
    let of_managers = matches!(
        permission,
        P::TeamMembersManage
            | P::ConversationsReadTeamAll
            | P::ConversationsReadTeamInbox
            | P::ConversationsUpdateUserAssignee
            | P::ConversationsUpdateTeamAssignee
            | P::ReportsManage
    );
    let leads = match actor {
        Actor::Agent(agent) => team.is_some_and(|team| agent.teams.get(&team) == Some(&MembershipRole::Manager)),
        Actor::Visitor { .. } | Actor::Integration(_) | Actor::Operator | Actor::System => false,
    };
    if of_managers && leads { Ok(()) } else { actor.require(permission) }
}

/// Refuses whoever may not read the conversation.
///
/// # Errors
/// [`Error::Denied`] without `conversations:read`; [`Refusal::NoAccess`].
pub fn check(actor: &Actor, subject: &Subject) -> Result<()> {
    if let Actor::Agent(_) = actor {
        actor.require(P::ConversationsRead)?;
    }
    if may_read(actor, subject) { Ok(()) } else { Err(Error::Refused(Refusal::NoAccess)) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn agent(permissions: &[P], teams: &[(i64, MembershipRole)]) -> Actor {
        Actor::Agent(AgentActor {
            id: AgentId(1),
            name: "Kim".into(),
            permissions: permissions.iter().copied().collect(),
            teams: teams.iter().map(|(team, role)| (TeamId(*team), *role)).collect::<BTreeMap<_, _>>(),
            is_admin: false,
        })
    }

    fn subject(assignee: Option<i64>, team: Option<i64>) -> Subject {
        Subject { assignee: assignee.map(AgentId), team: team.map(TeamId), contact: ContactId(9), inbox: InboxId(1) }
    }

    #[test]
    fn nothing_is_read_without_the_right_to_read() {
        assert!(!may_read(&agent(&[P::ConversationsReadAll], &[]), &subject(None, None)));
    }

    #[test]
    fn each_list_right_opens_its_own_list_only() {
        let member = [(5, MembershipRole::Agent)];
        let read = P::ConversationsRead;
        let cases = [
            (P::ConversationsReadAll, [true, true, true, true, true]),
            (P::ConversationsReadAssigned, [true, false, false, false, false]),
            (P::ConversationsReadTeamAll, [false, true, true, false, false]),
            (P::ConversationsReadTeamInbox, [false, true, false, false, false]),
            (P::ConversationsReadUnassigned, [false, false, false, false, true]),
        ];
        let subjects = [
            subject(Some(1), None),
            subject(None, Some(5)),
            subject(Some(2), Some(5)),
            subject(Some(2), None),
            subject(None, None),
        ];
        for (right, expected) in cases {
            let actor = agent(&[read, right], &member);
            assert_eq!(subjects.map(|s| may_read(&actor, &s)), expected, "{right}");
        }
    }

    #[test]
    fn a_manager_holds_some_rights_within_the_team() {
        let lead = agent(&[P::ConversationsRead], &[(5, MembershipRole::Manager)]);
        assert!(require_in(&lead, P::ConversationsUpdateUserAssignee, Some(TeamId(5))).is_ok());
        assert!(require_in(&lead, P::ConversationsUpdateUserAssignee, Some(TeamId(6))).is_err());
        assert!(require_in(&lead, P::ConversationsUpdateStatus, Some(TeamId(5))).is_err());
        assert!(may_read(&lead, &subject(Some(2), Some(5))));
    }

    #[test]
    fn visitors_read_their_own_conversations_in_their_inbox() {
        let visitor = Actor::Visitor { contact: ContactId(9), inbox: InboxId(1) };
        assert!(may_read(&visitor, &subject(Some(2), Some(5))));
        let other = Actor::Visitor { contact: ContactId(8), inbox: InboxId(1) };
        assert!(!may_read(&other, &subject(None, None)));
    }
}
