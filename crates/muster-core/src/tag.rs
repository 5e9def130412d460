//! Tags: short names that agents put to conversations.

use crate::id::TagId;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why, text};

pub const NAME_MAX: usize = 140;
/// How many tags one change may name.
pub const NAMED_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub id: TagId,
    pub name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

words! {
    /// What becomes of the named tags.
    pub enum TagChange {
        /// They are the conversation's tags, and no others.
        Set = "set",
        Add = "add",
        Remove = "remove",
    }
}

/// Checks a tag's name and returns it without outer blanks.
///
/// # Errors
/// [`Error::Invalid`] `name`.
pub fn checked_name(name: &str) -> Result<String> {
    text::bounded("name", name, 1, NAME_MAX)
}

/// # Errors
/// [`Error::Invalid`] `tags` for more than [`NAMED_MAX`] names.
pub fn check_named(names: &[String]) -> Result<()> {
    if names.len() > NAMED_MAX { Err(Error::invalid("tags", Why::OutOfRange)) } else { Ok(()) }
}

impl TagChange {
    /// The tags of a conversation that had `before`, once these were set, added or removed; in order of name.
    #[must_use]
    pub fn applied(self, before: &[Tag], named: &[Tag]) -> Vec<Tag> {
        let is_named = |tag: &&Tag| named.iter().any(|named| named.id == tag.id);
        let mut after: Vec<Tag> = match self {
            Self::Set => named.to_vec(),
            Self::Add => before.iter().filter(|tag| !is_named(tag)).chain(named).cloned().collect(),
            Self::Remove => before.iter().filter(|tag| !is_named(tag)).cloned().collect(),
        };
        after.sort_by_key(|tag| (text::key(&tag.name), tag.id));
        after.dedup_by_key(|tag| tag.id);
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(names: &[&str]) -> Vec<Tag> {
        let tag = |name: &&str| Tag {
            id: TagId(i64::from(name.as_bytes()[0])),
            name: (*name).to_owned(),
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
            version: 1,
        };
        names.iter().map(tag).collect()
    }

    #[test]
    fn tags_are_set_added_and_removed() {
        let before = tags(&["a", "c"]);
        assert_eq!(TagChange::Set.applied(&before, &tags(&["d", "b", "d"])), tags(&["b", "d"]));
        assert_eq!(TagChange::Add.applied(&before, &tags(&["b", "a"])), tags(&["a", "b", "c"]));
        assert_eq!(TagChange::Remove.applied(&before, &tags(&["a", "x"])), tags(&["c"]));
        assert!(TagChange::Set.applied(&before, &[]).is_empty());
    }

    #[test]
    fn a_name_says_something() {
        assert_eq!(checked_name(" billing ").unwrap(), "billing");
        for bad in ["", " ", "a\0b", &"x".repeat(NAME_MAX + 1)] {
            assert!(checked_name(bad).is_err());
        }
    }
}
