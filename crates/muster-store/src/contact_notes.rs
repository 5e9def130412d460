//! Notes on contacts.

use muster_core::contact::ContactNote;
use muster_core::id::{AgentId, ContactId, NoteId};
use muster_core::{Entity, Error, Result, Timestamp};

use crate::db::{Row, Tx};
use crate::{params, sql};

/// Adds a note on a contact that is locked.
///
/// # Errors
/// As [`Tx::query`].
pub async fn insert(
    tx: &mut Tx,
    contact: ContactId,
    agent: AgentId,
    note: &str,
    now: Timestamp,
) -> Result<ContactNote> {
    let insert = sql!(
        "INSERT INTO contact_notes (contact_id, agent_id, note, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
         RETURNING *"
    );
    from_row(&tx.query_one(insert, &params![contact, agent, note, now]).await?)
}

/// All notes on a contact, the newest first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list(tx: &mut Tx, contact: ContactId) -> Result<Vec<ContactNote>> {
    let select = sql!("SELECT * FROM contact_notes WHERE contact_id = $1 ORDER BY id DESC");
    tx.query(select, &params![contact]).await?.iter().map(from_row).collect()
}

/// A note on this contact.
///
/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn note(tx: &mut Tx, contact: ContactId, id: NoteId) -> Result<ContactNote> {
    let select = sql!("SELECT * FROM contact_notes WHERE id = $1 AND contact_id = $2");
    let row = tx.query_opt(select, &params![id, contact]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Note))?)
}

/// Deletes a note. False if it is gone already.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete(tx: &mut Tx, id: NoteId) -> Result<bool> {
    Ok(tx.execute(sql!("DELETE FROM contact_notes WHERE id = $1"), &params![id]).await? == 1)
}

fn from_row(row: &Row) -> Result<ContactNote> {
    Ok(ContactNote {
        id: row.get("id")?,
        contact: row.get("contact_id")?,
        agent: row.get("agent_id")?,
        note: row.get("note")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
