//! What the desk holds of a person: taking it away, handing it out, and letting go of what was kept long enough.
//!
//! Whoever adds a table or a column that can hold a customer's words, name or address adds it here, and to the list in
//! `docs/operate/privacy.md`.

pub mod erase;
pub mod export;
pub mod retention;

use muster_core::actor::ActorRef;
use muster_core::id::ContactId;
use muster_core::{Entity, Result};

use crate::db::Tx;
use crate::{params, sql};

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

/// Takes away what is kept about a contact who is gone where nobody would look for it again.
pub(crate) async fn traces(tx: &mut Tx, contact: ContactId) -> Result<()> {
    let whose = params![contact, Entity::Contact.as_str()];
    for statement in [
        sql!("DELETE FROM extras WHERE kind = $2 AND id = $1"),
        sql!("DELETE FROM timers WHERE entity_kind = $2 AND entity_id = $1"),
        sql!("UPDATE audit SET before = NULL, after = NULL WHERE entity_kind = $2 AND entity_id = $1"),
    ] {
        tx.execute(statement, &whose).await?;
    }
    let acts = sql!("UPDATE audit SET ip = NULL, credential = NULL WHERE actor = $1");
    tx.execute(acts, &params![ActorRef::Contact(contact).to_string()]).await.map(drop)
}
