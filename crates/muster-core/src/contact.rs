//! Contacts: everybody who writes in. Visitors are contacts that nobody has verified.

use std::time::Duration;

use crate::agent::{Attributes, Phone};
use crate::filter::{TextTest, TimeTest};
use crate::id::{AgentId, ContactId, NoteId, PublicId};
use crate::message::sanitized;
use crate::presence::Shown;
use crate::text;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why};

/// Longest address of a picture, in characters.
const AVATAR_URL_MAX: usize = 2048;
/// Longest note on a contact, in characters of HTML.
const NOTE_MAX: usize = 20_000;

/// How long somebody is shown as being there after the last sign of life.
pub const SHOWN_FOR: Duration = Duration::from_secs(150);

words! {
    pub enum ContactKind { Visitor = "visitor", Contact = "contact" }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    pub id: ContactId,
    pub public_id: PublicId,
    pub kind: ContactKind,
    pub first_name: String,
    pub last_name: String,
    /// Lower case. A visitor's is what they typed: a claim.
    pub email: Option<String>,
    pub phone: Phone,
    pub country: Option<String>,
    pub avatar_url: Option<String>,
    /// Unique among live contacts; set only by a verified token or an import.
    pub external_id: Option<String>,
    pub blocked: bool,
    pub attributes: Attributes,
    pub manager: Option<AgentId>,
    pub last_active_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    pub version: i64,
}

impl Contact {
    /// Whether the desk knows who it is; a visitor only says so.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.kind == ContactKind::Contact
    }

    /// Whether they are at a chat, as agents are shown it.
    #[must_use]
    pub fn shown(&self, now: Timestamp) -> Shown {
        shown(self.last_active_at, now)
    }

    #[must_use]
    pub fn name(&self) -> String {
        text::joined_name(&self.first_name, &self.last_name)
    }
}

/// Whether a contact is at a chat whose last sign of life came then.
#[must_use]
pub fn shown(last_active_at: Option<Timestamp>, now: Timestamp) -> Shown {
    if last_active_at.is_some_and(|at| at + SHOWN_FOR > now) { Shown::Ready } else { Shown::Offline }
}

/// Which contacts to list: those who meet all of these, or one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFilter {
    pub any: bool,
    pub tests: Vec<ContactTest>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactTest {
    Email(TextTest),
    CreatedAt(TimeTest),
    UpdatedAt(TimeTest),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContactField {
    Email,
    #[default]
    CreatedAt,
    UpdatedAt,
}

/// What an agent has noted down about a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactNote {
    pub id: NoteId,
    pub contact: ContactId,
    /// Who wrote it.
    pub agent: AgentId,
    /// HTML that is safe to show.
    pub note: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A checked note: HTML made safe, with something in it.
///
/// # Errors
/// [`Error::Invalid`].
pub fn note(written: &str) -> Result<String> {
    let note = sanitized(&text::bounded("note", written, 1, NOTE_MAX)?);
    if note.trim().is_empty() { Err(Error::invalid("note", Why::Empty)) } else { Ok(note) }
}

/// The checked address of a picture: on the web, or `present`, as it is kept already.
///
/// # Errors
/// [`Error::Invalid`].
pub fn avatar_url(written: &str, present: Option<&str>) -> Result<String> {
    let url = text::bounded("avatar_url", written, 1, AVATAR_URL_MAX)?;
    let is_web = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
    let is_plain = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    if present == Some(url.as_str()) || (is_web && is_plain) {
        Ok(url)
    } else {
        Err(Error::invalid("avatar_url", Why::Malformed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_shown_for_a_while_after_the_last_sign_of_life() {
        let at = Timestamp::from_millis(1_000);
        assert_eq!(shown(None, at), Shown::Offline);
        assert_eq!(shown(Some(at), at + Duration::from_secs(149)), Shown::Ready);
        assert_eq!(shown(Some(at), at + SHOWN_FOR), Shown::Offline);
    }

    #[test]
    fn a_note_is_safe_and_says_something() {
        assert_eq!(note(" <p onclick=x>Likes <b>cats</b></p> ").unwrap(), "<p>Likes <b>cats</b></p>");
        for bad in ["", "  ", "<script>x</script>", "a\0b", &"x".repeat(NOTE_MAX + 1)] {
            assert!(note(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_picture_is_on_the_web_or_stays() {
        let present = Some("/uploads/1");
        for good in ["https://example.com/a.png", "http://example.com/a.png", "/uploads/1"] {
            assert_eq!(avatar_url(good, present).unwrap(), good);
        }
        for bad in ["", "/uploads/2", "javascript:alert(1)", "https://example.com/a b", "data:image/png,x"] {
            assert!(avatar_url(bad, present).is_err(), "{bad}");
        }
    }
}
