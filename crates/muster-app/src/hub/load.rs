//! What a batch of events is told with: everything it touches, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use muster_core::access::Subject;
use muster_core::event::{Event, EventRecord};
use muster_core::id::{AgentId, ConversationId, MessageId};
use muster_core::presence::Shown;
use muster_core::view::{ConversationItem, MessageView};
use muster_core::{Result, Timestamp};
use muster_store::db::Tx;
use muster_store::{agents, conversations, messages};

use super::Notice;
use crate::App;

/// Turns a batch of events, in order, into notices.
pub(super) async fn notices(app: &App, batch: Vec<EventRecord>) -> Result<Vec<Notice>> {
    let wanted = Arc::new(Wanted::of(&batch));
    let now = app.now();
    let loaded = app.read(move |tx| {
        let wanted = Arc::clone(&wanted);
        Box::pin(async move { Loaded::read(tx, &wanted, now).await })
    });
    let loaded = loaded.await?;
    let befores = befores(&batch, &loaded);
    Ok(batch.into_iter().zip(befores).map(|(record, before)| loaded.notice(record, before)).collect())
}

/// What a batch of events touches.
#[derive(Debug, Default)]
struct Wanted {
    conversations: BTreeSet<ConversationId>,
    messages: BTreeSet<MessageId>,
    agents: BTreeSet<AgentId>,
}

impl Wanted {
    fn of(batch: &[EventRecord]) -> Self {
        let mut wanted = Self::default();
        for EventRecord { event, .. } in batch {
            wanted.conversations.extend(event.conversation());
            wanted.messages.extend(message_of(event));
            if let Event::PresenceChanged { agent, .. } = event {
                wanted.agents.insert(*agent);
            }
        }
        wanted
    }
}

const fn message_of(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageReceived { message, .. }
        | Event::MessageQueued { message, .. }
        | Event::MessageSent { message, .. }
        | Event::MessageFailed { message, .. }
        | Event::MessageNoted { message, .. }
        | Event::MessageActivity { message, .. } => Some(*message),
        Event::SurveyAnswered { message, .. } => *message,
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Loaded {
    items: BTreeMap<ConversationId, Arc<ConversationItem>>,
    messages: BTreeMap<MessageId, Arc<MessageView>>,
    shown: BTreeMap<AgentId, Shown>,
}

impl Loaded {
    async fn read(tx: &mut Tx, wanted: &Wanted, now: Timestamp) -> Result<Self> {
        let mut loaded = Self::default();
        if !wanted.conversations.is_empty() {
            let ids: Vec<_> = wanted.conversations.iter().copied().collect();
            let items = conversations::items(tx, &ids, None).await?;
            loaded.items = items.into_iter().map(|item| (item.id, Arc::new(item))).collect();
        }
        if !wanted.messages.is_empty() {
            let ids: Vec<_> = wanted.messages.iter().copied().collect();
            let found = messages::list_by_ids(tx, &ids).await?;
            let views = messages::views(tx, found, now).await?;
            loaded.messages = views.into_iter().map(|view| (view.message.id, Arc::new(view))).collect();
        }
        if !wanted.agents.is_empty() {
            let ids: Vec<_> = wanted.agents.iter().copied().collect();
            let profiles = agents::profiles_by_ids(tx, &ids).await?;
            loaded.shown =
                profiles.iter().map(|profile| (profile.agent.id, profile.state.shown(&profile.agent, now))).collect();
        }
        Ok(loaded)
    }

    fn notice(&self, record: EventRecord, before: Option<Subject>) -> Notice {
        let conversation = record.event.conversation().and_then(|id| self.items.get(&id)).cloned();
        let message = message_of(&record.event).and_then(|id| self.messages.get(&id)).cloned();
        let shown = match &record.event {
            Event::PresenceChanged { agent, .. } => self.shown.get(agent).copied(),
            _ => None,
        };
        let subject = conversation.as_deref().map(subject);
        Notice { record, conversation, subject, before, message, shown }
    }
}

const fn subject(item: &ConversationItem) -> Subject {
    Subject { assignee: item.assignee, team: item.team, contact: item.contact, inbox: item.inbox }
}

/// Who might read the conversation before each event that changes this: its events undone, from the last to the first.
fn befores(batch: &[EventRecord], loaded: &Loaded) -> Vec<Option<Subject>> {
    let mut subjects: BTreeMap<ConversationId, Subject> =
        loaded.items.iter().map(|(id, item)| (*id, subject(item))).collect();
    let mut befores: Vec<Option<Subject>> = batch
        .iter()
        .rev()
        .map(|EventRecord { event, .. }| {
            let subject = subjects.get_mut(&event.conversation()?)?;
            match event {
                Event::ConversationAssigned { .. } => subject.assignee = None,
                Event::ConversationUnassigned { agent, .. } => subject.assignee = Some(*agent),
                Event::ConversationTeamChanged { before, .. } => subject.team = *before,
                _ => return None,
            }
            Some(*subject)
        })
        .collect();
    befores.reverse();
    befores
}
