//! Who may see a conversation.

use crate::actor::Actor;
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

/// Whether `actor` may read the conversation.
#[must_use]
pub fn may_read(actor: &Actor, subject: &Subject) -> bool {
    match actor {
        Actor::Operator | Actor::System => true,
        Actor::Visitor { contact, inbox } => *contact == subject.contact && *inbox == subject.inbox,
        Actor::Agent(agent) => {
            let may = |permission| agent.permissions.contains(permission);
            let membership = subject.team.and_then(|team| agent.teams.get(&team));
            let leads = membership == Some(&MembershipRole::Manager);
            let in_team = membership.is_some()
                && (may(P::ConversationsReadTeamAll)
                    || leads
                    || (may(P::ConversationsReadTeamInbox) && subject.assignee.is_none()));
            may(P::ConversationsRead)
                && (may(P::ConversationsReadAll)
                    || (may(P::ConversationsReadAssigned) && subject.assignee == Some(agent.id))
                    || in_team
                    || (may(P::ConversationsReadUnassigned) && subject.assignee.is_none() && subject.team.is_none()))
        }
    }
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
    use crate::actor::AgentActor;

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
    fn visitors_read_their_own_conversations_in_their_inbox() {
        let visitor = Actor::Visitor { contact: ContactId(9), inbox: InboxId(1) };
        assert!(may_read(&visitor, &subject(Some(2), Some(5))));
        let other = Actor::Visitor { contact: ContactId(8), inbox: InboxId(1) };
        assert!(!may_read(&other, &subject(None, None)));
    }
}
