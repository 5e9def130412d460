//! Work that loses its agent or its team: it goes back to the queue, and nobody loses their place.

use muster_core::conversation::{By, Conversation};
use muster_core::event::UnassignedWhy;
use muster_core::id::{AgentId, TeamId};
use muster_core::inbox::Medium;
use muster_core::message::Author;
use muster_core::{Entity, Result};
use muster_store::{agents, conversations, inboxes, teams, timers};

use crate::Work;
use crate::conversations::change::{self, Cause};
use crate::timers::RETURN_AFTER;

/// Takes an agent's work back, in the transaction in which they lose it. The caller has locked the
/// agent. Open work goes to the queue. Parked work is unassigned too, unless the agent only gives
/// work away: then it stays, and goes to the queue when it comes back. Resolved work keeps its agent.
pub(crate) async fn release_open_work(
    work: &mut Work<'_>,
    agent: AgentId,
    agent_name: &str,
    why: UnassignedWhy,
) -> Result<()> {
    let keeps_parked = !matches!(why, UnassignedWhy::Disabled | UnassignedWhy::Locked | UnassignedWhy::Deleted);
    release(work, agent, agent_name, why, |conversation| conversation.is_open() || !keeps_parked).await
}

/// Puts the chats of an absent agent back into the queue whose customers wait. Mail waits for the agent.
/// Does nothing if the agent is back.
pub(crate) async fn return_waiting_chats(work: &mut Work<'_>, agent: AgentId) -> Result<()> {
    let profiles = agents::lock_profiles(work.tx, &[agent]).await?;
    let Some(profile) = profiles.first().filter(|profile| !profile.state.is_live(work.now)) else { return Ok(()) };
    let name = profile.agent.name();
    release(work, agent, &name, UnassignedWhy::Absent, waits_for_answer).await
}

/// The customer of a chat has written: if its agent isn't there to see it, it goes to others after a while.
pub(crate) async fn watch_waiting_chat(work: &mut Work<'_>, conversation: &Conversation) -> Result<()> {
    let Some(agent) = conversation.assignee.filter(|_| waits_for_answer(conversation)) else { return Ok(()) };
    if agents::find_state(work.tx, agent).await?.is_some_and(|state| state.is_live(work.now)) {
        return Ok(());
    }
    let due = work.now + work.settings().routing.return_after;
    timers::set_if_unset(work.tx, RETURN_AFTER, (Entity::Agent, agent.0), due).await
}

fn waits_for_answer(conversation: &Conversation) -> bool {
    conversation.is_open() && conversation.medium != Medium::Email && conversation.waiting_since.is_some()
}

async fn release(
    work: &mut Work<'_>,
    agent: AgentId,
    agent_name: &str,
    why: UnassignedWhy,
    goes: impl Fn(&Conversation) -> bool,
) -> Result<()> {
    let cause = Cause::of(work.actor());
    let author = Author::from(work.actor().reference());
    for mut conversation in conversations::lock_unresolved_of_agent(work.tx, agent).await? {
        if goes(&conversation) {
            let effects = conversation.unassign(agent_name, &cause.by(), why)?;
            change::store(work, &mut conversation, effects, author).await?;
        }
    }
    Ok(())
}

/// Moves up to `limit` unresolved conversations of a team that is being deleted to their
/// inboxes' teams, or to none. They keep agent, place and priority. True when no conversation and no
/// inbox has the team any more; until then it has to stay, and to be closed.
pub(crate) async fn forget_team(work: &mut Work<'_>, team: TeamId, limit: i64) -> Result<bool> {
    inboxes::forget_team(work.tx, team, work.now).await?;
    let leaving = conversations::lock_unresolved_of_team(work.tx, team, limit).await?;
    let is_last = i64::try_from(leaving.len()).is_ok_and(|count| count < limit);
    let cause = Cause::of(work.actor());
    let author = Author::from(work.actor().reference());
    for mut conversation in leaving {
        leave_team(work, &mut conversation, &cause.by(), author).await?;
    }
    if is_last {
        conversations::forget_team(work.tx, team, work.now).await?;
    }
    Ok(is_last)
}

async fn leave_team(work: &mut Work<'_>, conversation: &mut Conversation, by: &By<'_>, author: Author) -> Result<()> {
    let inbox = inboxes::inbox_or_deleted(work.tx, conversation.inbox).await?;
    let to = match inbox.default_team.filter(|_| conversation.assignee.is_none()) {
        Some(id) => Some(teams::team(work.tx, id).await?),
        None => None,
    };
    let effects = conversation.leave_team(to.as_ref().map(|team| (team.id, team.name.as_str())), by);
    change::store(work, conversation, effects, author).await
}
