//! Messages: everything that is said in a conversation, notes and activities among them.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::ActorRef;
use crate::id::{AgentId, ContactId, ConversationId, MessageId, PublicId, TeamId};
use crate::inbox::Medium;
use crate::text;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why};

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

impl MessageState {
    /// The state of a message that was just written. Replies by mail have to be sent first.
    #[must_use]
    pub const fn first(kind: MessageKind, medium: Medium) -> Self {
        match (kind, medium) {
            (MessageKind::Incoming, _) => Self::Received,
            (MessageKind::Outgoing, Medium::Email) => Self::Pending,
            (MessageKind::Outgoing, Medium::Chat | Medium::Api) | (MessageKind::Note | MessageKind::Activity, _) => {
                Self::Sent
            }
        }
    }
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
            ActorRef::Integration(_) | ActorRef::Operator | ActorRef::System => Self::System,
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
    TagAdded { tag: String, by: String },
    TagRemoved { tag: String, by: String },
}

impl MessageKind {
    /// Whether the customer sees it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Incoming | Self::Outgoing)
    }
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

impl Message {
    /// Whether it is a reply of `author`'s that couldn't be sent.
    #[must_use]
    pub fn has_failed_for(&self, author: Author) -> bool {
        self.kind == MessageKind::Outgoing && self.state == MessageState::Failed && self.author == author
    }

    /// Whether it can be taken back: a note whose words are still there.
    #[must_use]
    pub fn is_standing_note(&self) -> bool {
        self.kind == MessageKind::Note && self.deleted_at.is_none()
    }
}

/// Makes HTML safe to show: known tags and links only.
#[must_use]
pub fn sanitized(html: &str) -> String {
    static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
        let mut cleaner = ammonia::Builder::default();
        // Names a file of the message itself.
        cleaner.add_url_schemes(["cid"]);
        cleaner
    });
    CLEANER.clean(html).to_string()
}

/// The plain text of HTML, white space folded to what a reader would see.
#[must_use]
pub fn plain_text(html: &str) -> String {
    html2text::config::with_decorator(html2text::render::TrivialDecorator::new())
        .no_table_borders()
        .string_from_read(html.as_bytes(), 10_000)
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

/// Plain text that is safe to put into HTML: the characters that mean something there are escaped,
/// everything else is kept, line breaks too.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// What somebody wrote, in the three forms a message keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub content: String,
    pub content_type: ContentType,
    pub text: String,
}

impl Body {
    /// Of activities, which say what they say by word and arguments.
    pub const EMPTY: Self = Self { content: String::new(), content_type: ContentType::Text, text: String::new() };

    /// Plain text of a visitor: trimmed, one to [`VISITOR_MAX`] characters, no NUL.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`].
    pub fn of_visitor(written: &str) -> Result<Self> {
        let text = text::bounded("message", written, 1, VISITOR_MAX)?;
        Ok(Self { content: escaped(&text), content_type: ContentType::Text, text })
    }

    /// An agent's HTML, or plain text, of up to [`AGENT_MAX`] characters, no NUL. HTML is sanitised;
    /// what has neither text nor an image is empty.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`].
    pub fn of_agent(written: &str, content_type: ContentType) -> Result<Self> {
        let written = text::bounded("message", written, 1, AGENT_MAX)?;
        let body = match content_type {
            ContentType::Text => Self { content: escaped(&written), content_type, text: written },
            ContentType::Html => {
                let content = sanitized(&written);
                Self { text: plain_text(&content), content, content_type }
            }
        };
        let says_something = !body.text.is_empty() || body.content.contains("<img");
        if says_something { Ok(body) } else { Err(Error::invalid("message", Why::Empty)) }
    }
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
    fn a_visitors_text_is_escaped_and_bounded() {
        let body = Body::of_visitor(" a < b & \"c\"\nd ").unwrap();
        assert_eq!(
            (body.content.as_str(), body.text.as_str()),
            ("a &lt; b &amp; &quot;c&quot;\nd", "a < b & \"c\"\nd")
        );
        assert!(Body::of_visitor(&"x".repeat(VISITOR_MAX)).is_ok());
        for bad in ["", " \n", "a\0b", &"x".repeat(VISITOR_MAX + 1)] {
            assert!(Body::of_visitor(bad).is_err());
        }
    }

    #[test]
    fn an_agents_html_has_to_say_something() {
        assert_eq!(Body::of_agent("<p>Hi <script>x</script>Kim</p>", ContentType::Html).unwrap().text, "Hi Kim");
        assert!(Body::of_agent("<p> <br></p>", ContentType::Html).is_err());
        assert!(Body::of_agent("<script>x</script>", ContentType::Html).is_err());
        assert_eq!(Body::of_agent("<b>", ContentType::Text).unwrap().content, "&lt;b&gt;");
    }

    #[test]
    fn only_replies_by_mail_wait_to_be_sent() {
        assert_eq!(MessageState::first(MessageKind::Outgoing, Medium::Email), MessageState::Pending);
        assert_eq!(MessageState::first(MessageKind::Outgoing, Medium::Chat), MessageState::Sent);
        assert_eq!(MessageState::first(MessageKind::Note, Medium::Email), MessageState::Sent);
        assert_eq!(MessageState::first(MessageKind::Incoming, Medium::Email), MessageState::Received);
    }

    #[test]
    fn text_is_what_a_reader_sees() {
        assert_eq!(plain_text("<p>Hi&nbsp;Kim</p><p>Bye</p>").replace('\u{a0}', " "), "Hi Kim\n\nBye");
        assert_eq!(plain_text("<h1>So</h1> <b>very</b> <i>good</i>, <code>x</code>"), "So\n\nvery good, x");
        assert_eq!(preview("a\n b   c", 3), "a b");
    }
}
