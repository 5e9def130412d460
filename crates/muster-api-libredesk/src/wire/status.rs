//! Statuses and priorities of conversations.

use muster_core::Timestamp;
use muster_core::conversation::{self, Category};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Status {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) name: String,
    pub(crate) category: CategoryWord,
}

/// What the rules look at.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CategoryWord {
    Open,
    Waiting,
    Resolved,
}

impl From<Category> for CategoryWord {
    fn from(category: Category) -> Self {
        match category {
            Category::Open => Self::Open,
            Category::Waiting => Self::Waiting,
            Category::Resolved => Self::Resolved,
        }
    }
}

impl From<conversation::Status> for Status {
    fn from(status: conversation::Status) -> Self {
        let conversation::Status { id, name, category, built_in: _, created_at } = status;
        Self { id: id.0, created_at: Time(created_at), name, category: category.into() }
    }
}

/// A status to be written. On an update an absent field stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"name": "On hold", "category": "waiting"}))]
pub(crate) struct StatusBody {
    /// Needed on creation.
    #[schema(min_length = 1, max_length = 25)]
    pub(crate) name: Option<String>,
    /// `open`, `waiting` or `resolved`; needed on creation. Stays as it is while a conversation has the status.
    pub(crate) category: Option<String>,
}

/// One of five ranks, 1 the highest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Priority {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) name: &'static str,
}

impl Priority {
    /// All five. They were never created, so they carry the beginning of time.
    pub(crate) fn all() -> Vec<Self> {
        let ranked = (1..).zip(conversation::Priority::NAMES);
        ranked.map(|(id, name)| Self { id, created_at: Time(Timestamp::from_millis(0)), name }).collect()
    }
}
