//! Messages: everything that is said in a conversation, notes and activities among them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::ActorRef;
use crate::id::{AgentId, ContactId, ConversationId, MessageId, PublicId, TeamId};
use crate::time::Timestamp;
use crate::word::words;

/// Longest message a visitor may write, in characters.
pub const VISITOR_MAX: usize = 10_000;
/// Longest message an agent may write, in characters of HTML.
pub const AGENT_MAX: usize = 100_000;

words! {
    pub enum MessageKind { Incoming = "incoming", Outgoing = "outgoing", Note = "note", Activity = "activity" }
}

words! {
    pub enum ContentType { Text = "text", Html = "html" }
}

words! {
    pub enum MessageState { Received = "received", Pending = "pending", Sent = "sent", Failed = "failed" }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Author {
    Agent(AgentId),
    Contact(ContactId),
    System,
}

impl From<ActorRef> for Author {
    fn from(actor: ActorRef) -> Self {
        match actor {
            ActorRef::Agent(id) => Self::Agent(id),
            ActorRef::Contact(id) => Self::Contact(id),
            ActorRef::Operator | ActorRef::System => Self::System,
        }
    }
}

/// Something that happened to a conversation, as its thread tells it. Stored once as word and
/// arguments; each dialect words it. Names are those of the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", content = "args", rename_all = "snake_case")]
pub enum Activity {
    Assigned { to: String, agent: AgentId, by: String },
    SelfAssigned { by: String },
    Unassigned { from: String, by: String },
    TeamAssigned { team: TeamId, to: String, by: String },
    TeamRemoved { by: String },
    StatusChanged { to: String, by: String },
    PriorityChanged { to: Option<String>, by: String },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub uuid: Uuid,
    pub public_id: PublicId,
    pub conversation: ConversationId,
    /// 1, 2, 3 … within the conversation, without gaps.
    pub seq: i64,
    pub kind: MessageKind,
    /// Set for [`MessageKind::Activity`] only.
    pub activity: Option<Activity>,
    pub author: Author,
    /// Safe to show: HTML went through the sanitiser.
    pub content: String,
    pub content_type: ContentType,
    /// The content as plain text.
    pub text: String,
    pub state: MessageState,
    /// The sender's own id: the same one from the same author gives the first message again.
    pub client_ref: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub meta: serde_json::Map<String, serde_json::Value>,
}

/// Makes HTML safe to show: known tags and links only.
#[must_use]
pub fn sanitized(html: &str) -> String {
    ammonia::clean(html)
}

/// The plain text of HTML, white space folded to what a reader would see.
#[must_use]
pub fn plain_text(html: &str) -> String {
    html2text::config::plain()
        .no_table_borders()
        .string_from_read(html.as_bytes(), 10_000)
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

/// Plain text as HTML: special characters escaped, line breaks kept.
#[must_use]
pub fn escaped(text: &str) -> String {
    ammonia::clean_text(text)
}

/// The start of a text, for lists: at most `max` characters, on one line.
#[must_use]
pub fn preview(text: &str, max: usize) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_handlers_do_not_survive() {
        let html =
            sanitized(r#"<p onclick="x()">Hi <b>Kim</b><script>alert(1)</script><a href="javascript:x()">l</a></p>"#);
        assert_eq!(html, r#"<p>Hi <b>Kim</b><a rel="noopener noreferrer">l</a></p>"#);
    }

    #[test]
    fn text_is_what_a_reader_sees() {
        assert_eq!(plain_text("<p>Hi&nbsp;Kim</p><p>Bye</p>").replace('\u{a0}', " "), "Hi Kim\n\nBye");
        assert_eq!(preview("a\n b   c", 3), "a b");
    }
}
