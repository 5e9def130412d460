//! What agents note on a conversation, who took part in it, and what is done to many at once.

use muster_core::agent::Attributes;
use muster_core::view::Person;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ErrorType;

/// Values by the keys of custom attributes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = BTreeMap<String, Value>, example = json!({"plan": "paid"}))]
pub(crate) struct AttributeValues(pub(crate) Attributes);

/// Somebody who wrote into a conversation or did something to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Participant {
    pub(crate) id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
}

impl From<Person> for Participant {
    fn from(person: Person) -> Self {
        let Person { id, first_name, last_name, avatar_url, .. } = person;
        Self { id, first_name, last_name, avatar_url }
    }
}

/// What a note says that was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedNote {
    pub(crate) content: &'static str,
}

/// One thing to be done to many conversations (this desk's extension).
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"uuids": ["0f9e1c7a-6d3b-4b6e-9d1f-2a4c5e6f7081"], "action": "set_priority", "value": "High"}))]
pub(crate) struct BulkRequest {
    /// Conversations, 1 to 100 of them; each is looked at once.
    #[schema(required, value_type = Vec<Uuid>, min_items = 1, max_items = 100)]
    pub(crate) uuids: Option<Vec<String>>,
    #[schema(required, value_type = BulkAction)]
    pub(crate) action: Option<String>,
    /// What `action` asks for; absent where it asks for nothing.
    pub(crate) value: Option<BulkValue>,
    /// How long, such as `90m`; for `set_status`, needed for `Snoozed`.
    pub(crate) snoozed_until: Option<String>,
}

/// What can be done to many conversations, and the `value` it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BulkAction {
    /// An agent's id.
    AssignUser,
    UnassignUser,
    /// A team's id.
    AssignTeam,
    UnassignTeam,
    /// A status's name.
    SetStatus,
    /// A priority's name.
    SetPriority,
    /// Names of tags.
    SetTags,
    /// Names of tags.
    AddTags,
    /// Names of tags.
    RemoveTags,
    MarkSeen,
    MarkUnread,
}

impl BulkAction {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        serde_json::from_value(word.into()).ok()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BulkValue {
    Id(i64),
    Name(String),
    Names(Vec<String>),
}

/// What happened to one conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkOutcome {
    pub(crate) uuid: Uuid,
    /// Whether it was done, or was so already.
    pub(crate) done: bool,
    /// Why it wasn't done.
    #[schema(required)]
    pub(crate) message: Option<String>,
    #[schema(required)]
    pub(crate) error_type: Option<ErrorType>,
}
