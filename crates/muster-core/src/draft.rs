//! Drafts: what an agent has begun to write in a conversation and hasn't sent.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::id::{AgentId, ConversationId, DraftId};
use crate::message::AGENT_MAX;
use crate::text;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why};

/// Most bytes of a draft's notes as JSON.
pub const META_MAX: usize = 32 * 1024;
/// How long a draft is kept after its last change.
pub const KEPT_FOR: Duration = Duration::from_secs(360 * 3600);

words! {
    /// What the draft is to become. An agent has one of each in a conversation.
    pub enum DraftKind { Reply = "reply", Note = "note" }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub id: DraftId,
    pub conversation: ConversationId,
    pub agent: AgentId,
    pub kind: DraftKind,
    /// As it was written: shown to nobody but its agent.
    pub content: String,
    /// What the agent's program keeps with it.
    pub meta: Map<String, Value>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What is kept of a draft: up to [`AGENT_MAX`] characters and [`META_MAX`] bytes of notes, not both empty.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftContent {
    pub kind: DraftKind,
    pub content: String,
    pub meta: Map<String, Value>,
}

impl DraftContent {
    /// # Errors
    /// [`Error::Invalid`] for `content` or `meta`.
    pub fn new(kind: DraftKind, content: String, meta: Map<String, Value>) -> Result<Self> {
        if content.trim().is_empty() && meta.is_empty() {
            return Err(Error::invalid("content", Why::Empty));
        }
        if !text::is_storable(&content) {
            return Err(Error::invalid("content", Why::Malformed));
        }
        if content.chars().count() > AGENT_MAX {
            return Err(Error::invalid("content", Why::TooLong { max: AGENT_MAX }));
        }
        let size = serde_json::to_string(&meta).map_err(Error::internal)?.len();
        if size > META_MAX {
            return Err(Error::invalid("meta", Why::TooLong { max: META_MAX }));
        }
        Ok(Self { kind, content, meta })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(content: &str, meta: Value) -> Result<DraftContent> {
        let Value::Object(meta) = meta else { panic!("no object") };
        DraftContent::new(DraftKind::Reply, content.to_owned(), meta)
    }

    #[test]
    fn a_draft_holds_words_or_notes_and_not_too_many() {
        assert!(draft("<p>Hi</p>", serde_json::json!({})).is_ok());
        assert!(draft("", serde_json::json!({"to": ["pat@example.com"]})).is_ok());
        assert!(draft(" \n", serde_json::json!({})).is_err());
        assert!(draft("a\0", serde_json::json!({})).is_err());
        assert!(draft(&"é".repeat(AGENT_MAX), serde_json::json!({})).is_ok());
        assert!(draft(&"é".repeat(AGENT_MAX + 1), serde_json::json!({})).is_err());
        let fits = META_MAX - r#"{"a":""}"#.len();
        assert!(draft("", serde_json::json!({"a": "x".repeat(fits)})).is_ok());
        assert!(draft("", serde_json::json!({"a": "x".repeat(fits + 1)})).is_err());
    }
}
