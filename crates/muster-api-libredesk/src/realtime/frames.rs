//! What a committed event looks like to an agent.

use std::collections::HashSet;

use muster_app::hub::{ChangedContact, Notice};
use muster_core::Timestamp;
use muster_core::access::may_read;
use muster_core::actor::Actor;
use muster_core::conversation::Priority;
use muster_core::event::Event;
use muster_core::id::{AgentId, ContactId};
use muster_core::inbox::Medium;
use muster_core::message::{Author, preview};
use muster_core::notification::NotificationView;
use muster_core::view::{ConversationItem, MessageView};
use muster_http::socket::Text;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::wire::Time;
use crate::wire::availability::AvailabilityStatus;
use crate::wire::conversation::Contact;
use crate::wire::conversation_item::{self, priority_name};
use crate::wire::message::{Message, MessageStatus, MessageType, sender_type, words};
use crate::wire::notification::Notification;

/// Characters of a message in a frame.
const PREVIEW_MAX: usize = 200;

#[derive(Debug, Serialize)]
struct Frame<T> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    data: T,
}

/// A frame as text.
pub(crate) fn frame<T: Serialize>(r#type: &'static str, data: T) -> Text {
    text(&Frame { r#type, position: None, data })
}

/// A frame that says up to where everything has been told with it.
pub(super) fn frame_at<T: Serialize>(position: i64, r#type: &'static str, data: T) -> Text {
    text(&Frame { r#type, position: Some(position), data })
}

fn text<T: Serialize>(frame: &Frame<T>) -> Text {
    serde_json::to_string(frame).expect("wire types have text keys and no failing parts").into()
}

/// Whom frames are for, and what of conversations is on the screen.
pub(super) struct Reader<'a> {
    pub(super) actor: &'a Actor,
    /// The one conversation that is open.
    pub(super) open: Option<Uuid>,
    /// Those in the list beside it.
    pub(super) list: &'a HashSet<Uuid>,
    /// Whether it hears of the changes of all conversations, and of those that it may not read any more.
    pub(super) hears_all: bool,
}

impl Reader<'_> {
    fn follows(&self, uuid: Uuid) -> bool {
        self.hears_all || self.open == Some(uuid) || self.list.contains(&uuid)
    }

    fn is(&self, author: Author) -> bool {
        matches!((self.actor, author), (Actor::Agent(agent), Author::Agent(author)) if agent.id == author)
    }
}

/// One thing to tell.
enum News<'a> {
    Availability(AgentId, AvailabilityStatus),
    NewMessage(&'a MessageView, &'a ConversationItem),
    MessageUpdate(Value),
    NewConversation(&'a ConversationItem),
    Gone(Uuid),
    ConversationUpdate(Value),
    /// The contact, and the one that it took in.
    ContactUpdate(&'a ChangedContact, Option<ContactId>),
    Notification(&'a NotificationView),
}

/// What a notice looks like to its reader.
///
/// All frames carry a position: with the last one of an event everything up to that event has been told, with those
/// before only what comes before it. Whoever is cut off between them hears the whole event again.
pub(super) fn frames(notice: &Notice, reader: &Reader) -> Vec<Text> {
    let news = news(notice, reader);
    let last = news.len().saturating_sub(1);
    let position = |at: usize| if at == last { notice.record.position } else { notice.record.position - 1 };
    news.into_iter().enumerate().map(|(at, news)| worded(news, position(at), reader)).collect()
}

fn news<'a>(notice: &'a Notice, reader: &Reader) -> Vec<News<'a>> {
    if let (Event::PresenceChanged { agent, .. }, Some(shown)) = (&notice.record.event, notice.shown) {
        return vec![News::Availability(*agent, shown.into())];
    }
    if let Some(view) = notice.notification.as_deref() {
        return vec![News::Notification(view)];
    }
    if let Some(contact) = notice.contact.as_deref() {
        return of_contact(contact, &notice.record.event, reader);
    }
    match notice.conversation.as_deref() {
        Some(item) if notice.subject.is_some_and(|subject| may_read(reader.actor, &subject)) => {
            of_conversation(notice, item, reader)
        }
        Some(item) => of_lost(notice, item, reader),
        None => Vec::new(),
    }
}

fn of_contact<'a>(contact: &'a ChangedContact, event: &Event, reader: &Reader) -> Vec<News<'a>> {
    let merged = if let Event::ContactMerged { contact, .. } = event { Some(*contact) } else { None };
    let is_before = |(uuid, subject): &(Uuid, _)| reader.follows(*uuid) && may_read(reader.actor, subject);
    if contact.conversations.iter().any(is_before) { vec![News::ContactUpdate(contact, merged)] } else { Vec::new() }
}

fn of_conversation<'a>(notice: &'a Notice, item: &'a ConversationItem, reader: &Reader) -> Vec<News<'a>> {
    let mut news = Vec::new();
    if let Some(view) = notice.message.as_deref() {
        if is_new(notice, item) {
            news.push(News::NewMessage(view, item));
        } else if reader.follows(item.uuid) {
            news.push(News::MessageUpdate(message_update(notice, view)));
        }
    }
    if changes_hands(&notice.record.event) {
        news.push(News::NewConversation(item));
    }
    if reader.follows(item.uuid) {
        news.extend(update(notice, item).map(News::ConversationUpdate));
    }
    news
}

/// Whoever may not read it any more hears only that it has changed hands.
fn of_lost<'a>(notice: &Notice, item: &'a ConversationItem, reader: &Reader) -> Vec<News<'a>> {
    if reader.hears_all {
        vec![News::Gone(item.uuid)]
    } else if changes_hands(&notice.record.event) {
        vec![News::NewConversation(item)]
    } else {
        Vec::new()
    }
}

fn worded(news: News, position: i64, reader: &Reader) -> Text {
    match news {
        News::Availability(agent, status) => {
            let data = json!({ "agent_id": agent.0, "availability_status": status });
            frame_at(position, "agent_availability_update", data)
        }
        News::NewMessage(view, item) => frame_at(position, "new_message", NewMessage::of(view, item, reader)),
        News::MessageUpdate(changed) => frame_at(position, "message_update", changed),
        News::NewConversation(item) => {
            frame_at(position, "new_conversation", conversation_item::ConversationItem::for_frame(item))
        }
        News::Gone(uuid) => frame_at(position, "conversation_gone", json!({ "uuid": uuid })),
        News::ConversationUpdate(changed) => frame_at(position, "conversation_update", changed),
        News::Notification(view) => frame_at(position, "new_notification", Notification::from(view)),
        News::ContactUpdate(news, merged) => frame_at(position, "contact_update", ContactUpdate::of(news, merged)),
    }
}

/// Whether the event is a message's first, which alone carries its number. A reply by mail is told when it is written,
/// not again when it has gone out.
fn is_new(notice: &Notice, item: &ConversationItem) -> bool {
    match notice.record.event {
        Event::MessageSent { .. } => item.medium != Medium::Email && notice.record.seq.is_some(),
        Event::MessageQueued { .. } => notice.record.seq.is_some(),
        Event::MessageFailed { .. } | Event::MessageDeleted { .. } | Event::SurveyAnswered { .. } => false,
        _ => true,
    }
}

const fn changes_hands(event: &Event) -> bool {
    matches!(
        event,
        Event::ConversationCreated { .. }
            | Event::ConversationAssigned { .. }
            | Event::ConversationUnassigned { .. }
            | Event::ConversationTeamChanged { .. }
    )
}

#[derive(Debug, Serialize)]
struct NewMessage<'a> {
    conversation_uuid: Uuid,
    uuid: Uuid,
    r#type: MessageType,
    preview: String,
    /// Whole seconds.
    created_at: Time,
    sender_type: conversation_item::SenderType,
    conversation: conversation_item::ConversationItem,
    /// What the sender's own page knows the message by.
    #[serde(skip_serializing_if = "Option::is_none")]
    echo_id: Option<&'a str>,
}

impl<'a> NewMessage<'a> {
    fn of(view: &'a MessageView, item: &ConversationItem, reader: &Reader) -> Self {
        let message = &view.message;
        let millis = message.created_at.as_millis();
        Self {
            conversation_uuid: item.uuid,
            uuid: message.uuid,
            r#type: message.kind.into(),
            preview: preview(&words(message).1, PREVIEW_MAX),
            created_at: Time(Timestamp::from_millis(millis - millis.rem_euclid(1000))),
            sender_type: sender_type(view.author.kind),
            conversation: conversation_item::ConversationItem::for_frame(item),
            echo_id: message.client_ref.as_deref().filter(|_| reader.is(message.author)),
        }
    }
}

#[derive(Debug, Serialize)]
struct ContactUpdate {
    contact_id: i64,
    /// The contact that has become this one. Ours, not the product's.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_contact_id: Option<i64>,
    #[serde(flatten)]
    contact: Contact,
}

impl ContactUpdate {
    fn of(news: &ChangedContact, merged: Option<ContactId>) -> Self {
        Self {
            contact_id: news.contact.id.0,
            merged_contact_id: merged.map(|contact| contact.0),
            contact: (&news.contact).into(),
        }
    }
}

fn message_update(notice: &Notice, view: &MessageView) -> Value {
    let status = MessageStatus::from(view.message.state);
    let mut changed =
        json!({ "conversation_uuid": view.conversation_uuid, "uuid": view.message.uuid, "status": status });
    if matches!(notice.record.event, Event::MessageDeleted { .. }) {
        let Message { content, text_content, meta, .. } = view.into();
        changed["content"] = content.into();
        changed["text_content"] = text_content.into();
        changed["meta"] = meta.into();
    } else if view.survey.is_some() {
        changed["meta"] = Message::from(view).meta.into();
    }
    changed
}

/// What changed, for those who have the conversation before them.
fn update(notice: &Notice, item: &ConversationItem) -> Option<Value> {
    let details = notice.details.as_deref();
    let snoozed_until = details.and_then(|details| details.snoozed_until).map(Time);
    Some(match &notice.record.event {
        Event::ConversationAssigned { .. }
        | Event::ConversationUnassigned { .. }
        | Event::ConversationTeamChanged { .. } => json!({
            "uuid": item.uuid,
            "assigned_user_id": item.assignee.map(|id| id.0),
            "assigned_team_id": item.team.map(|id| id.0),
        }),
        Event::ConversationStatusChanged { .. } => json!({
            "uuid": item.uuid,
            "status": item.status_name,
            "resolved_at": item.resolved_at.map(Time),
            "closed_at": details.and_then(|details| details.closed_at).map(Time),
            "snoozed_until": snoozed_until,
            "waiting_since": item.waiting_since.map(Time),
        }),
        Event::ConversationParked { .. } | Event::ConversationResumed { .. } => {
            json!({ "uuid": item.uuid, "snoozed_until": snoozed_until })
        }
        Event::ConversationPriorityChanged { .. } => json!({
            "uuid": item.uuid,
            "priority": priority_name(item.priority),
            "priority_id": item.priority.map(Priority::rank),
        }),
        Event::ConversationTagsChanged { .. } => json!({ "uuid": item.uuid, "tags": details?.tags }),
        Event::ConversationAttributesChanged { .. } => {
            json!({ "uuid": item.uuid, "custom_attributes": details?.attributes })
        }
        Event::ConversationErased { .. } => json!({
            "uuid": item.uuid,
            "subject": null,
            "last_message": null,
            "status": item.status_name,
        }),
        Event::MessageReceived { .. } | Event::MessageSent { .. } | Event::MessageDeleted { .. } => json!({
            "uuid": item.uuid,
            "last_message": item.last_message.as_ref().map(|last| &last.text),
            "waiting_since": item.waiting_since.map(Time),
            "first_reply_at": item.first_reply_at.map(Time),
            "last_reply_at": item.last_reply_at.map(Time),
        }),
        _ => return None,
    })
}
