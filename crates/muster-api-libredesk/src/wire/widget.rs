//! What chat widgets see and send.

use std::collections::BTreeMap;

use muster_app::livechat::{VisitorConversation, VisitorStarted};
use muster_core::contact::{Contact, ContactKind};
use muster_core::view;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use super::availability::AvailabilityStatus;
use super::message::{Attachment, MessageStatus, PersonType};
use super::survey;

/// The author of a chat message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChatAuthor {
    pub(crate) id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    /// Wire (observed, 2.7): never shown to visitors.
    #[schema(schema_with = muster_http::openapi::always_null)]
    pub(crate) email: (),
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    pub(crate) availability_status: AvailabilityStatus,
    pub(crate) r#type: PersonType,
    #[schema(required)]
    pub(crate) last_active_at: Option<Time>,
}

impl From<&view::Person> for ChatAuthor {
    fn from(person: &view::Person) -> Self {
        let view::Person { id, kind, first_name, last_name, email: _, avatar_url, shown, last_active_at } = person;
        Self {
            id: *id,
            first_name: first_name.clone(),
            last_name: last_name.clone(),
            email: (),
            avatar_url: avatar_url.clone(),
            availability_status: (*shown).into(),
            r#type: (*kind).into(),
            last_active_at: last_active_at.map(Time),
        }
    }
}

/// The agent who answers a chat.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChatAssignee {
    pub(crate) id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    pub(crate) availability_status: AvailabilityStatus,
    pub(crate) r#type: PersonType,
    #[schema(required)]
    pub(crate) active_at: Option<Time>,
}

impl From<&view::Person> for ChatAssignee {
    fn from(person: &view::Person) -> Self {
        let view::Person { id, kind, first_name, last_name, email: _, avatar_url, shown, last_active_at } = person;
        Self {
            id: *id,
            first_name: first_name.clone(),
            last_name: last_name.clone(),
            avatar_url: avatar_url.clone(),
            availability_status: (*shown).into(),
            r#type: (*kind).into(),
            active_at: last_active_at.map(Time),
        }
    }
}

/// A message as its visitor sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChatMessage {
    pub(crate) uuid: Uuid,
    pub(crate) status: MessageStatus,
    pub(crate) conversation_uuid: Uuid,
    pub(crate) created_at: Time,
    /// HTML that is safe to show, or text in which the characters that mean something there are escaped.
    pub(crate) content: String,
    pub(crate) text_content: String,
    pub(crate) author: ChatAuthor,
    pub(crate) attachments: Vec<Attachment>,
    /// `echo_id`, where the sender gave one; `is_csat`, `csat_uuid`, `csat_submitted`, `submitted_rating` and
    /// `submitted_feedback` where the visitor is asked for a rating.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) meta: Map<String, Value>,
    /// The message's number within the conversation (this desk's extension). Notes and activities,
    /// which visitors don't see, have numbers too.
    pub(crate) seq: i64,
}

impl From<&view::MessageView> for ChatMessage {
    fn from(view: &view::MessageView) -> Self {
        let view::MessageView { message, conversation_uuid, author, survey, attachments } = view;
        let echo = message.client_ref.iter().map(|echo| ("echo_id".to_owned(), echo.clone().into()));
        Self {
            uuid: message.uuid,
            status: message.state.into(),
            conversation_uuid: *conversation_uuid,
            created_at: Time(message.created_at),
            content: message.content.clone(),
            text_content: message.text.clone(),
            author: author.into(),
            attachments: attachments.iter().map(Into::into).collect(),
            meta: echo.chain(survey.iter().flat_map(survey::facts)).chain(survey.iter().map(survey::link)).collect(),
            seq: message.seq,
        }
    }
}

/// The latest message of a chat; empty before there is one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChatLastMessage {
    pub(crate) content: String,
    pub(crate) created_at: Time,
    #[schema(required)]
    pub(crate) author: Option<ChatAuthor>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChatConversation {
    pub(crate) created_at: Time,
    pub(crate) uuid: Uuid,
    pub(crate) status: String,
    pub(crate) last_message: ChatLastMessage,
    pub(crate) unread_message_count: i64,
    #[schema(required)]
    pub(crate) assignee: Option<ChatAssignee>,
}

impl From<&VisitorConversation> for ChatConversation {
    fn from(conversation: &VisitorConversation) -> Self {
        let VisitorConversation {
            uuid,
            created_at,
            status_name,
            category: _,
            last_message,
            unread,
            assignee,
            hours: _,
            queue_position: _,
        } = conversation;
        Self {
            created_at: Time(*created_at),
            uuid: *uuid,
            status: status_name.clone(),
            last_message: match last_message {
                Some(view) => ChatLastMessage {
                    content: view.message.text.clone(),
                    created_at: Time(view.message.created_at),
                    author: Some((&view.author).into()),
                },
                None => ChatLastMessage { content: String::new(), created_at: Time(*created_at), author: None },
            },
            unread_message_count: *unread,
            assignee: assignee.as_ref().map(Into::into),
        }
    }
}

/// A chat with its latest public messages, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Chat {
    pub(crate) conversation: ChatConversation,
    pub(crate) messages: Vec<ChatMessage>,
    /// Of the conversation's team; null: those of the desk.
    #[schema(required)]
    pub(crate) business_hours_id: Option<i64>,
    /// Minutes that the team's zone is ahead of UTC; null without hours of its own.
    #[schema(required)]
    pub(crate) working_hours_utc_offset: Option<i16>,
    pub(crate) muster: ChatExtension,
}

/// What a visitor is told beyond the product's own fields. Ours, not the product's.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChatExtension {
    /// The place among those that wait for the same team, 1 being next; null: it doesn't wait for an agent, or behind more
    /// than 98 others.
    #[schema(required)]
    pub(crate) queue_position: Option<i64>,
}

impl Chat {
    pub(crate) fn new(conversation: &VisitorConversation, messages: &[view::MessageView]) -> Self {
        Self {
            conversation: conversation.into(),
            messages: messages.iter().map(Into::into).collect(),
            business_hours_id: conversation.hours.map(|team| team.hours.0),
            working_hours_utc_offset: conversation.hours.map(|team| team.utc_offset),
            muster: ChatExtension { queue_position: conversation.queue_position },
        }
    }
}

/// Somebody at a widget.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChatUser {
    pub(crate) user_id: i64,
    pub(crate) is_visitor: bool,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
}

impl From<&Contact> for ChatUser {
    fn from(contact: &Contact) -> Self {
        Self {
            user_id: contact.id.0,
            is_visitor: contact.kind == ContactKind::Visitor,
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
        }
    }
}

/// A signed token to be exchanged.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct ExchangeRequest {
    #[schema(required, value_type = String, max_length = 8192)]
    pub(crate) jwt: Option<String>,
}

muster_http::debug_without_fields!(ExchangeRequest);

/// A session of an identified contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct Exchanged {
    pub(crate) session_token: String,
    pub(crate) user: ChatUser,
}

muster_http::debug_without_fields!(Exchanged);

/// A chat that was started.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StartedChat {
    #[serde(flatten)]
    pub(crate) chat: Chat,
    /// Shown this once, where a visitor was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_token: Option<String>,
    /// Where a visitor was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<ChatUser>,
}

impl From<VisitorStarted> for StartedChat {
    fn from(started: VisitorStarted) -> Self {
        let VisitorStarted { token, contact, view, messages } = started;
        Self {
            chat: Chat::new(&view, &messages),
            user: token.is_some().then(|| (&contact).into()),
            session_token: token,
        }
    }
}

/// A chat to be started.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct ChatRequest {
    /// Text.
    #[schema(required, value_type = String, min_length = 1, max_length = 10_000)]
    pub(crate) message: Option<String>,
    /// Answers to the form by the key of their field.
    pub(crate) form_data: Option<BTreeMap<String, Value>>,
    /// The sender's own name for the message (this desk's extension): sent again by the same visitor, it
    /// gives the first chat and starts none.
    pub(crate) echo_id: Option<String>,
}

/// A message to a chat.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct ChatMessageRequest {
    /// Text.
    #[schema(required, value_type = String, min_length = 1, max_length = 10_000)]
    pub(crate) message: Option<String>,
    /// The sender's own name for the message: sent again, it gives the first message and writes none
    /// (this desk's extension).
    pub(crate) echo_id: Option<String>,
}
