//! Identifiers. Each aggregate has its own type, so that one can't be passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A person, bot or system account that works on the desk. Shares its number sequence with [`ContactId`].
    AgentId,
    /// Somebody who writes in.
    ContactId,
    TeamId,
    RoleId,
    SkillId,
    InboxId,
    ConversationId,
    MessageId,
    /// A named conversation status.
    StatusId,
    DecisionId,
    JobId,
    IdentityId,
    IntegrationId,
    AttributeId,
    TagId,
    ViewId,
    MacroId,
    TemplateId,
    BusinessHoursId,
    MediaId,
    /// A note on a contact.
    NoteId,
    DraftId,
    NotificationId,
    SurveyId,
    /// The desk itself, of which there is one.
    DeskId,
}

impl DeskId {
    pub const ONLY: Self = Self(1);
}

/// The opaque name of an aggregate in products whose ids are strings: 1–64 characters, 17 when
/// drawn here. Never computed from a row number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicId(String);

impl PublicId {
    /// Letters and digits without those that are easily confused: the alphabet of the products that
    /// use such ids.
    const ALPHABET: &[u8; 55] = b"23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz";
    /// Length of an id drawn here.
    pub const LEN: usize = 17;

    /// Builds an id of [`Self::LEN`] characters from as many random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes.iter().map(|b| char::from(Self::ALPHABET[usize::from(*b) % Self::ALPHABET.len()])).collect())
    }

    /// Takes an id that was stored or imported.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
