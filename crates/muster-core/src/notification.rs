//! Notifications: what an agent is told beside what their lists show.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::access::Subject;
use crate::id::{AgentId, ConversationId, MessageId, NotificationId};
use crate::time::Timestamp;
use crate::word::words;

words! {
    pub enum NotificationKind {
        /// A note calls the agent, or a team of theirs.
        Mention = "mention",
        /// Somebody else, or the router, gave the agent a conversation.
        Assignment = "assignment",
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    pub id: NotificationId,
    /// Who is told; nobody else ever sees it.
    pub agent: AgentId,
    pub kind: NotificationKind,
    /// Plain text.
    pub title: String,
    /// Plain text: the beginning of the note, the subject of the conversation.
    pub body: Option<String>,
    pub conversation: Option<ConversationId>,
    pub message: Option<MessageId>,
    /// Whose doing it was; `None` for the desk's own, or of somebody who is no agent.
    pub actor: Option<AgentId>,
    pub meta: Map<String, Value>,
    pub read_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A notification with what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct NotificationView {
    pub notification: Notification,
    pub actor: Option<NotificationActor>,
    pub conversation_uuid: Option<Uuid>,
    pub message_uuid: Option<Uuid>,
    /// Who may read the conversation, and so this.
    pub subject: Option<Subject>,
}

/// Whose doing a notification tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationActor {
    pub first_name: String,
    pub last_name: String,
    pub avatar_url: Option<String>,
}

/// How many notifications an agent has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationCounts {
    pub unread: i64,
    pub total: i64,
}

/// What the title of a mention says.
#[must_use]
pub fn mention_title(by: &str, conversation_number: &str) -> String {
    format!("{by} mentioned you in conversation {conversation_number}")
}

/// What the title of an assignment says; `by` is who gave it, if a person did.
#[must_use]
pub fn assignment_title(by: Option<&str>, conversation_number: &str) -> String {
    match by {
        Some(by) => format!("{by} assigned conversation {conversation_number} to you"),
        None => format!("Conversation {conversation_number} was assigned to you"),
    }
}
