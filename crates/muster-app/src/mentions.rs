//! Whom a note calls: checked before it is written, told in the note's own transaction.

use std::collections::BTreeSet;

use muster_core::conversation::Conversation;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::mention::Mentions;
use muster_core::message::{Message, preview};
use muster_core::notification::{NotificationKind, mention_title};
use muster_core::{Error, Result, Why};
use muster_store::mentions;
use muster_store::notifications::NewNotification;

use crate::{Work, notifications};

/// Characters of a note in a notification.
const PREVIEW_MAX: usize = 200;

/// Agents and teams that a note is to call.
#[derive(Debug, Default)]
pub(crate) struct Called {
    mentions: Mentions,
    /// All of them exist.
    known: bool,
    /// The agents themselves, and the members of the teams.
    agents: Vec<AgentId>,
}

/// Looks up who is called, and keeps the teams there. Comes before the conversation's lock.
pub(crate) async fn hold(work: &mut Work<'_>, mentions: &Mentions) -> Result<Called> {
    let agents = mentions::live_agents(work.tx, &mentions.agents).await?;
    let teams = mentions::hold_teams(work.tx, &mentions.teams).await?;
    let known = agents == mentions.agents && teams == mentions.teams;
    let members = mentions::members(work.tx, &teams).await?;
    let agents: BTreeSet<AgentId> = agents.into_iter().chain(members).collect();
    Ok(Called { mentions: mentions.clone(), known, agents: agents.into_iter().collect() })
}

impl Called {
    /// # Errors
    /// [`Error::Invalid`] unless all who are called exist.
    pub(crate) fn check(&self) -> Result<()> {
        let is_known = self.known || self.mentions.is_empty();
        if is_known { Ok(()) } else { Err(Error::invalid("mentions", Why::Unknown)) }
    }

    /// Notes the mentions of a message that was just stored, and tells each agent once, but nobody of themselves.
    pub(crate) async fn tell(self, work: &mut Work<'_>, conversation: &Conversation, message: &Message) -> Result<()> {
        if self.mentions.is_empty() {
            return Ok(());
        }
        mentions::insert(work.tx, conversation.id, message.id, &self.mentions, work.now).await?;
        let actor = work.actor().agent().ok().map(|agent| agent.id);
        let told = NewNotification {
            agents: self.agents.into_iter().filter(|agent| Some(*agent) != actor).collect(),
            kind: NotificationKind::Mention,
            title: mention_title(work.actor().name(), &conversation.number),
            body: Some(preview(&message.text, PREVIEW_MAX)),
            conversation: Some(conversation.id),
            message: Some(message.id),
            actor,
        };
        let Mentions { agents, teams } = self.mentions;
        work.record(Event::MentionCreated { conversation: conversation.id, message: message.id, agents, teams });
        notifications::notify(work, &told).await
    }
}
