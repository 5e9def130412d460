//! Who has a conversation: taking, giving, returning, and moving it between teams.

use muster_core::access;
use muster_core::actor::Caller;
use muster_core::conversation::{Assignee, Conversation, check_assignable};
use muster_core::event::{AssignedHow, UnassignedWhy};
use muster_core::id::{AgentId, TeamId};
use muster_core::message::Author;
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Result};
use muster_store::{conversations, teams};
use uuid::Uuid;

use super::change::{self, Cause};
use super::slot;
use crate::{App, Work, board};

impl App {
    /// Gives a conversation to an agent, in place of whoever has it; to oneself, takes it. `expected`
    /// names who must have it until then.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`] for conversation or agent; [`Error::Conflict`] if somebody
    /// else than expected has it; [`muster_core::Refusal::NoAccess`], `Closed`, `NotAssignable`, `AtCapacity`.
    pub async fn assign_agent(
        &self,
        caller: &Caller,
        uuid: Uuid,
        to: AgentId,
        expected: Option<Option<AgentId>>,
    ) -> Result<()> {
        self.write(caller, move |work| Box::pin(assign_agent(work, uuid, to, expected))).await
    }

    /// Takes a conversation from its agent; an open one goes back to the queue.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`]; [`muster_core::Refusal::NoAccess`], `Closed`.
    pub async fn unassign_agent(&self, caller: &Caller, uuid: Uuid) -> Result<()> {
        self.write(caller, move |work| Box::pin(unassign_agent(work, uuid))).await
    }

    /// Moves a conversation to a team, or to none. A changed team takes it from its agent.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`] for conversation or team; [`muster_core::Refusal::NoAccess`],
    /// `Closed`.
    pub async fn assign_team(&self, caller: &Caller, uuid: Uuid, team: Option<TeamId>) -> Result<()> {
        self.write(caller, move |work| Box::pin(assign_team(work, uuid, team))).await
    }
}

async fn assign_agent(work: &mut Work<'_>, uuid: Uuid, to: AgentId, expected: Option<Option<AgentId>>) -> Result<()> {
    let brief = conversations::brief(work.tx, uuid).await?;
    let mut locked = change::lock(work, brief, Some(to)).await?;
    check(work, &locked.conversation, Permission::ConversationsUpdateUserAssignee)?;
    if expected.is_some_and(|expected| expected != locked.conversation.assignee) {
        return Err(Error::Conflict(Entity::Conversation));
    }
    let profile = locked.agent(to).cloned().ok_or(Error::NotFound(Entity::Agent))?;
    if locked.conversation.assignee == Some(to) {
        return Ok(());
    }
    check_assignable(&profile)?;
    let conversation = &mut locked.conversation;
    let cause = Cause::of(work.actor());
    let author = Author::from(work.actor().reference());
    let how = if author == Author::Agent(to) { AssignedHow::Taken } else { AssignedHow::Given };
    let assignee = Assignee { id: to, name: profile.agent.name() };
    let mut effects = conversation.assign(&assignee, &cause.by(), how, work.now)?;
    if conversation.is_open() {
        let rules = match conversation.team {
            Some(team) => board::load_team(work.tx, team).await?,
            None => None,
        };
        slot::require(work, &profile, rules.as_ref()).await?;
        effects = slot::without_slot(effects, to);
    }
    change::store(work, conversation, effects, author).await
}

async fn unassign_agent(work: &mut Work<'_>, uuid: Uuid) -> Result<()> {
    let brief = conversations::brief(work.tx, uuid).await?;
    let mut locked = change::lock(work, brief, None).await?;
    check(work, &locked.conversation, Permission::ConversationsUpdateUserAssignee)?;
    let name = locked.assignee_name(work).await?;
    let cause = Cause::of(work.actor());
    let effects = locked.conversation.unassign(&name, &cause.by(), UnassignedWhy::Returned)?;
    let author = Author::from(work.actor().reference());
    change::store(work, &mut locked.conversation, effects, author).await
}

async fn assign_team(work: &mut Work<'_>, uuid: Uuid, team: Option<TeamId>) -> Result<()> {
    let brief = conversations::brief(work.tx, uuid).await?;
    let team = match team {
        Some(id) => Some(teams::team(work.tx, id).await?),
        None => None,
    };
    let mut locked = change::lock(work, brief, None).await?;
    check(work, &locked.conversation, Permission::ConversationsUpdateTeamAssignee)?;
    let name = locked.assignee_name(work).await?;
    let cause = Cause::of(work.actor());
    let to = team.as_ref().map(|team| (team.id, team.name.as_str()));
    let effects = locked.conversation.set_team(to, &name, &cause.by())?;
    let author = Author::from(work.actor().reference());
    change::store(work, &mut locked.conversation, effects, author).await
}

fn check(work: &Work<'_>, conversation: &Conversation, permission: Permission) -> Result<()> {
    access::require_in(work.actor(), permission, conversation.team)?;
    access::check(work.actor(), &conversation.subject())
}
