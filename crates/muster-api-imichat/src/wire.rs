//! The shapes on the wire.

pub(crate) mod nothing;
pub(crate) mod search;
pub(crate) mod team;
pub(crate) mod user;
pub(crate) mod user_request;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

// Wire (documented, "Update user"): these words, exactly.
/// Whether a user may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub(crate) enum Status {
    Active,
    Inactive,
}

impl Status {
    pub(crate) const fn of(enabled: bool) -> Self {
        if enabled { Self::Active } else { Self::Inactive }
    }
}

/// A word that this field doesn't know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownWord;

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a word of this field")
    }
}

impl TryFrom<String> for Status {
    type Error = UnknownWord;

    fn try_from(word: String) -> Result<Self, UnknownWord> {
        match word.as_str() {
            "active" => Ok(Self::Active),
            "inactive" => Ok(Self::Inactive),
            _ => Err(UnknownWord),
        }
    }
}

/// For `#[serde(default, deserialize_with = "given")]`: the field may be absent, but not null.
///
/// # Errors
/// Those of `T`.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
