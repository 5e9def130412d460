//! What the desk holds of a person: taking it away, handing it out, and letting go of what was kept long enough.
//!
//! Whoever adds a table or a column that can hold a customer's words, name or address adds it here, and to the list in
//! `docs/operate/privacy.md`.

pub mod erase;
pub mod export;
pub mod retention;

/// The tables that an erasure empties, by name.
pub const TABLES: &[&str] = &[
    "audit",
    "contact_notes",
    "contacts",
    "conversations",
    "drafts",
    "extras",
    "identities",
    "media",
    "message_search",
    "messages",
    "notifications",
    "queue_entries",
    "surveys",
    "timers",
    "visitor_sessions",
];
