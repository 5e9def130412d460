//! Drafts.

use muster_app::drafts::PlacedDraft;
use muster_core::draft::{self, DraftContent, DraftKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Time;
use crate::error::{Failure, Result};

/// What a draft is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DraftType {
    Reply,
    PrivateNote,
}

impl From<DraftKind> for DraftType {
    fn from(kind: DraftKind) -> Self {
        match kind {
            DraftKind::Reply => Self::Reply,
            DraftKind::Note => Self::PrivateNote,
        }
    }
}

/// The kind that a word names, or 400.
pub(crate) fn kind(word: &str) -> Result<DraftKind> {
    match word {
        "reply" => Ok(DraftKind::Reply),
        "private_note" => Ok(DraftKind::Note),
        _ => Err(Failure::invalid("type")),
    }
}

/// A draft of the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Draft {
    pub(crate) id: i64,
    pub(crate) conversation_id: i64,
    pub(crate) conversation_uuid: Uuid,
    pub(crate) user_id: i64,
    pub(crate) r#type: DraftType,
    /// As it was written, not made safe to show to others.
    pub(crate) content: String,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    /// What the agent's program keeps with it.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) meta: Map<String, Value>,
}

impl From<PlacedDraft> for Draft {
    fn from(placed: PlacedDraft) -> Self {
        let PlacedDraft { draft, conversation_uuid } = placed;
        let draft::Draft { id, conversation, agent, kind, content, meta, created_at, updated_at } = draft;
        Self {
            id: id.0,
            conversation_id: conversation.0,
            conversation_uuid,
            user_id: agent.0,
            r#type: kind.into(),
            content,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            meta,
        }
    }
}

/// A draft to be kept. `content` or `meta` is needed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"type": "reply", "content": "<p>Hello Pat</p>", "meta": {}}))]
pub(crate) struct DraftRequest {
    /// `reply` when absent.
    #[schema(value_type = Option<DraftType>)]
    pub(crate) r#type: Option<String>,
    #[schema(max_length = 100_000)]
    pub(crate) content: Option<String>,
    /// What the agent's program keeps with it: up to 32 KiB as JSON.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub(crate) meta: Option<Map<String, Value>>,
}

impl DraftRequest {
    pub(crate) fn content(self) -> Result<DraftContent> {
        let Self { r#type, content, meta } = self;
        let kind = kind(r#type.as_deref().filter(|word| !word.is_empty()).unwrap_or("reply"))?;
        Ok(DraftContent::new(kind, content.unwrap_or_default(), meta.unwrap_or_default())?)
    }
}

/// Which drafts to delete, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct DraftParams {
    /// Both when absent.
    #[param(value_type = Option<DraftType>)]
    r#type: Option<String>,
}
