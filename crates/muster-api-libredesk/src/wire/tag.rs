//! Tags, and which of them a conversation has.

use muster_core::tag::{self, TagChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tag {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) name: String,
}

impl From<tag::Tag> for Tag {
    fn from(tag: tag::Tag) -> Self {
        let tag::Tag { id, name, created_at, updated_at, version: _ } = tag;
        Self { id: id.0, created_at: Time(created_at), updated_at: Time(updated_at), name }
    }
}

/// A tag to be written.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"name": "billing"}))]
pub(crate) struct TagRequest {
    #[schema(required, value_type = String, min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
}

/// A change of a conversation's tags.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"tags": ["billing"], "action": "add_tags"}))]
pub(crate) struct TagsRequest {
    /// Names, at most 100; those of no tag are ignored.
    #[schema(required, value_type = Vec<String>)]
    pub(crate) tags: Option<Vec<String>>,
    /// `set_tags` (when absent), `add_tags` or `remove_tags`.
    pub(crate) action: Option<String>,
}

/// Wire (observed, 2.7): an absent action sets.
pub(crate) fn change(action: Option<&str>) -> Option<TagChange> {
    match action.unwrap_or_default() {
        "" | "set_tags" => Some(TagChange::Set),
        "add_tags" => Some(TagChange::Add),
        "remove_tags" => Some(TagChange::Remove),
        _ => None,
    }
}
