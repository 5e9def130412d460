//! Changing a conversation: taking its locks in order, and storing all that a transition caused.

use muster_core::actor::Actor;
use muster_core::agent::Profile;
use muster_core::conversation::{By, Conversation, Effects, QueueChange};
use muster_core::event::Event;
use muster_core::id::{AgentId, ConversationId};
use muster_core::message::Author;
use muster_core::routing::Exclusion;
use muster_core::{Entity, Result, text};
use muster_store::conversations::Brief;
use muster_store::queue::Entry;
use muster_store::{agents, authors, conversations, lost_race, queue, timers as timer_rows};

use crate::messages::{self, NewMessage};
use crate::surveys;
use crate::timers::{EXCLUSION_OVER, SNOOZE_OVER};
use crate::{Work, notifications};

/// A conversation under its lock, with the agents whose locks were taken before it.
#[derive(Debug)]
pub(crate) struct Locked {
    pub(crate) conversation: Conversation,
    /// The assignee and whoever else was asked for, as far as their accounts exist.
    agents: Vec<Profile>,
}

impl Locked {
    pub(crate) fn agent(&self, id: AgentId) -> Option<&Profile> {
        self.agents.iter().find(|profile| profile.agent.id == id)
    }

    pub(crate) fn assignee(&self) -> Option<&Profile> {
        self.conversation.assignee.and_then(|id| self.agent(id))
    }

    /// The assignee's name, also of an account that exists no more; empty without an assignee.
    pub(crate) async fn assignee_name(&self, work: &mut Work<'_>) -> Result<String> {
        let Some(id) = self.conversation.assignee else { return Ok(String::new()) };
        if let Some(profile) = self.agent(id) {
            return Ok(profile.agent.name());
        }
        let gone = authors::agents(work.tx, &[id], work.now).await?;
        Ok(gone.get(&id).map(|person| text::joined_name(&person.first_name, &person.last_name)).unwrap_or_default())
    }
}

/// Locks the assignee and `also`, then the conversation.
///
/// # Errors
/// [`lost_race`] if somebody else was assigned meanwhile: their lock would come too late.
pub(crate) async fn lock(work: &mut Work<'_>, brief: Brief, also: Option<AgentId>) -> Result<Locked> {
    let mut ids: Vec<AgentId> = brief.assignee.into_iter().chain(also).collect();
    ids.sort_unstable();
    ids.dedup();
    let agents = agents::lock_profiles(work.tx, &ids).await?;
    let conversation = conversations::lock(work.tx, brief.id).await?;
    if conversation.assignee == brief.assignee { Ok(Locked { conversation, agents }) } else { Err(lost_race()) }
}

/// Locks a conversation without its agent, for what concerns no agent.
pub(crate) async fn lock_alone(work: &mut Work<'_>, id: ConversationId) -> Result<Locked> {
    Ok(Locked { conversation: conversations::lock(work.tx, id).await?, agents: Vec::new() })
}

/// Who causes a transition, with a name of their own.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    agent: Option<AgentId>,
    name: String,
}

impl Cause {
    pub(crate) fn of(actor: &Actor) -> Self {
        Self { agent: actor.agent().ok().map(|agent| agent.id), name: actor.name().to_owned() }
    }

    pub(crate) fn by(&self) -> By<'_> {
        By { agent: self.agent, name: &self.name }
    }
}

/// Stores a transition with the conversation. One that changed nothing leaves everything as it is.
pub(crate) async fn store(
    work: &mut Work<'_>,
    conversation: &mut Conversation,
    effects: Effects,
    author: Author,
) -> Result<()> {
    if effects.is_empty() {
        return Ok(());
    }
    apply(work, conversation, effects, author).await?;
    save(work, conversation).await
}

pub(crate) async fn save(work: &mut Work<'_>, conversation: &mut Conversation) -> Result<()> {
    conversation.updated_at = work.now;
    conversations::save(work.tx, conversation).await
}

/// Stores what a transition caused, but not the conversation itself. Its activities are `author`'s.
pub(crate) async fn apply(
    work: &mut Work<'_>,
    conversation: &mut Conversation,
    effects: Effects,
    author: Author,
) -> Result<()> {
    let is_resolved = effects.events.iter().any(|event| matches!(event, Event::ConversationResolved { .. }));
    agents::change_load(work.tx, &effects.net_load()).await?;
    move_in_queue(work, conversation, effects.queue, effects.exclude).await?;
    if effects.events.iter().any(|event| matches!(event, Event::ConversationStatusChanged { .. })) {
        set_alarm(work, conversation).await?;
    }
    for event in effects.events {
        if let Event::ConversationAssigned { agent, .. } = event {
            notifications::of_assignment(work, conversation, agent).await?;
        }
        work.record(event);
    }
    for activity in effects.activities {
        messages::append(work, conversation, NewMessage::activity(activity, author)).await?;
    }
    if is_resolved { surveys::ask(work, conversation).await } else { Ok(()) }
}

async fn move_in_queue(
    work: &mut Work<'_>,
    conversation: &Conversation,
    change: QueueChange,
    exclude: Option<AgentId>,
) -> Result<()> {
    match change {
        QueueChange::Keep => Ok(()),
        QueueChange::Leave => queue::delete(work.tx, conversation.id).await,
        QueueChange::Enter => {
            let until = work.now + work.settings().routing.exclude_for;
            let exclude = exclude.map(|agent| Exclusion { agent, until });
            if exclude.is_some() {
                let entity = (Entity::Conversation, conversation.id.0);
                timer_rows::set(work.tx, EXCLUSION_OVER, entity, until).await?;
            }
            let entry = Entry {
                conversation: conversation.id,
                team: conversation.team,
                rank: conversation.rank(),
                queued_at: work.now,
                exclude,
            };
            queue::put(work.tx, &entry).await
        }
    }
}

/// Sets or clears the timer that wakes a parked conversation.
async fn set_alarm(work: &mut Work<'_>, conversation: &Conversation) -> Result<()> {
    let entity = (Entity::Conversation, conversation.id.0);
    match conversation.snoozed_until {
        Some(until) => timer_rows::set(work.tx, SNOOZE_OVER, entity, until).await,
        None => timer_rows::clear(work.tx, SNOOZE_OVER, entity).await,
    }
}
