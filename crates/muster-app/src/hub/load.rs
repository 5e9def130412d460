//! What a batch of events is told with: everything it touches, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use muster_core::access::Subject;
use muster_core::event::{Event, EventRecord};
use muster_core::id::{AgentId, ContactId, ConversationId, MessageId, NotificationId};
use muster_core::notification::NotificationView;
use muster_core::presence::Shown;
use muster_core::view::{ConversationDetails, ConversationItem, MessageView};
use muster_core::{Error, Result, Timestamp};
use muster_store::db::Tx;
use muster_store::{agents, contacts, conversations, messages, notifications, outbox};

use super::{ChangedContact, Notice};
use crate::App;
use crate::media::Links;

/// Conversations of one contact that are told of the contact's changes.
const CONVERSATIONS_OF_CONTACT: i64 = 100;

/// Turns a batch of events, in order, into notices.
pub(super) async fn notices(app: &App, batch: Vec<EventRecord>) -> Result<Vec<Notice>> {
    let wanted = Arc::new(Wanted::of(&batch));
    let (links, now) = (app.links(), app.now());
    let last = batch.last().map_or(0, |record| record.position);
    let loaded = app.read(move |tx| {
        let (wanted, links) = (Arc::clone(&wanted), links.clone());
        Box::pin(async move { Loaded::read(tx, &wanted, last, (&links, now)).await })
    });
    let loaded = loaded.await?;
    let befores = loaded.befores(&batch);
    Ok(batch.into_iter().zip(befores).map(|(record, before)| loaded.notice(record, before)).collect())
}

/// What a batch of events touches.
#[derive(Debug, Default)]
struct Wanted {
    conversations: BTreeSet<ConversationId>,
    /// Those of them whose details have changed.
    detailed: BTreeSet<ConversationId>,
    messages: BTreeSet<MessageId>,
    agents: BTreeSet<AgentId>,
    contacts: BTreeSet<ContactId>,
    notifications: BTreeSet<NotificationId>,
}

impl Wanted {
    fn of(batch: &[EventRecord]) -> Self {
        let mut wanted = Self::default();
        for EventRecord { event, .. } in batch {
            wanted.conversations.extend(event.conversation());
            wanted.detailed.extend(event.conversation().filter(|_| changes_details(event)));
            wanted.messages.extend(message_of(event));
            wanted.contacts.extend(contact_of(event));
            match event {
                Event::PresenceChanged { agent, .. } => drop(wanted.agents.insert(*agent)),
                Event::NotificationCreated { notification, .. } => drop(wanted.notifications.insert(*notification)),
                _ => {}
            }
        }
        wanted
    }
}

const fn changes_details(event: &Event) -> bool {
    matches!(
        event,
        Event::ConversationStatusChanged { .. }
            | Event::ConversationParked { .. }
            | Event::ConversationResumed { .. }
            | Event::ConversationClosed { .. }
            | Event::ConversationTagsChanged { .. }
            | Event::ConversationAttributesChanged { .. }
    )
}

const fn contact_of(event: &Event) -> Option<ContactId> {
    match event {
        Event::ContactUpdated { contact, .. }
        | Event::ContactBlocked { contact }
        | Event::ContactUnblocked { contact }
        | Event::ContactMerged { into: contact, .. } => Some(*contact),
        _ => None,
    }
}

const fn message_of(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageReceived { message, .. }
        | Event::MessageQueued { message, .. }
        | Event::MessageSent { message, .. }
        | Event::MessageFailed { message, .. }
        | Event::MessageNoted { message, .. }
        | Event::MessageActivity { message, .. }
        | Event::MessageDeleted { message, .. } => Some(*message),
        Event::SurveyAnswered { message, .. } => *message,
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Loaded {
    items: BTreeMap<ConversationId, Arc<ConversationItem>>,
    details: BTreeMap<ConversationId, Arc<ConversationDetails>>,
    /// What has changed hands since the batch.
    turns: Vec<EventRecord>,
    messages: BTreeMap<MessageId, Arc<MessageView>>,
    shown: BTreeMap<AgentId, Shown>,
    contacts: BTreeMap<ContactId, Arc<ChangedContact>>,
    notifications: BTreeMap<NotificationId, Arc<NotificationView>>,
}

impl Loaded {
    async fn read(tx: &mut Tx, wanted: &Wanted, last: i64, (links, now): (&Links, Timestamp)) -> Result<Self> {
        let mut loaded = Self::default();
        if !wanted.conversations.is_empty() {
            let ids: Vec<_> = wanted.conversations.iter().copied().collect();
            let items = conversations::items(tx, &ids, None).await?;
            loaded.items = items.into_iter().map(|item| (item.id, Arc::new(item))).collect();
            loaded.turns = outbox::turns_after(tx, last, Some(&ids)).await?;
        }
        if !wanted.detailed.is_empty() {
            let ids: Vec<_> = wanted.detailed.iter().copied().collect();
            let details = conversations::details(tx, &ids).await?;
            loaded.details = details.into_iter().map(|(id, details)| (id, Arc::new(details))).collect();
        }
        if !wanted.messages.is_empty() {
            let ids: Vec<_> = wanted.messages.iter().copied().collect();
            let found = messages::list_by_ids(tx, &ids).await?;
            let views = links.views(tx, found, now).await?;
            loaded.messages = views.into_iter().map(|view| (view.message.id, Arc::new(view))).collect();
        }
        if !wanted.agents.is_empty() {
            let ids: Vec<_> = wanted.agents.iter().copied().collect();
            let profiles = agents::profiles_by_ids(tx, &ids).await?;
            loaded.shown =
                profiles.iter().map(|profile| (profile.agent.id, profile.state.shown(&profile.agent, now))).collect();
        }
        for id in &wanted.contacts {
            let contact = match contacts::contact_or_erased(tx, *id).await {
                Ok(contact) => contact,
                // Gone since: merged into another, or let go of.
                Err(Error::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
            let conversations = conversations::open_to(tx, *id, CONVERSATIONS_OF_CONTACT).await?;
            let conversations = conversations.into_iter().map(|(_, uuid, subject)| (uuid, subject)).collect();
            loaded.contacts.insert(*id, Arc::new(ChangedContact { contact, conversations }));
        }
        if !wanted.notifications.is_empty() {
            let ids: Vec<_> = wanted.notifications.iter().copied().collect();
            let views = notifications::views_by_ids(tx, &ids).await?;
            loaded.notifications = views.into_iter().map(|view| (view.notification.id, Arc::new(view))).collect();
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
        let notification = match &record.event {
            Event::NotificationCreated { notification, .. } => self.notifications.get(notification).cloned(),
            _ => None,
        };
        let subject = conversation.as_deref().map(subject);
        let details = record.event.conversation().filter(|_| changes_details(&record.event));
        let details = details.and_then(|id| self.details.get(&id)).cloned();
        let contact = contact_of(&record.event).and_then(|id| self.contacts.get(&id)).cloned();
        Notice { record, conversation, details, subject, before, message, shown, contact, notification }
    }

    /// Who might read the conversation before each event that changes this: what is now, with the events undone from the
    /// last one that there is to the first of the batch.
    fn befores(&self, batch: &[EventRecord]) -> Vec<Option<Subject>> {
        let mut subjects: BTreeMap<ConversationId, Subject> =
            self.items.iter().map(|(id, item)| (*id, subject(item))).collect();
        let mut before = |record: &EventRecord| {
            let subject = subjects.get_mut(&record.event.conversation()?)?;
            undo(&record.event, subject).then_some(*subject)
        };
        for record in self.turns.iter().rev() {
            before(record);
        }
        let mut befores: Vec<_> = batch.iter().rev().map(before).collect();
        befores.reverse();
        befores
    }
}

pub(super) const fn subject(item: &ConversationItem) -> Subject {
    Subject { assignee: item.assignee, team: item.team, contact: item.contact, inbox: item.inbox }
}

/// Makes of what an event left what was before it; false if it changes nothing about who may read.
pub(super) const fn undo(event: &Event, subject: &mut Subject) -> bool {
    match event {
        Event::ConversationAssigned { .. } => subject.assignee = None,
        Event::ConversationUnassigned { agent, .. } => subject.assignee = Some(*agent),
        Event::ConversationTeamChanged { before, .. } => subject.team = *before,
        _ => return false,
    }
    true
}
