//! Contacts: everybody who writes in. Visitors are contacts that nobody has verified.

use std::time::Duration;

use crate::agent::{Attributes, Phone};
use crate::id::{AgentId, ContactId, PublicId};
use crate::presence::Shown;
use crate::text;
use crate::time::Timestamp;
use crate::word::words;

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
}
