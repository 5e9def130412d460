//! Contacts: everybody who writes in. Visitors are contacts that nobody has verified.

use crate::agent::{Attributes, Phone};
use crate::id::{AgentId, ContactId, PublicId};
use crate::text;
use crate::time::Timestamp;
use crate::word::words;

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

    #[must_use]
    pub fn name(&self) -> String {
        text::joined_name(&self.first_name, &self.last_name)
    }
}
