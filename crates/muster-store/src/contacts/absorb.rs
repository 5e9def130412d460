//! Making one contact of two.

use muster_core::actor::ActorRef;
use muster_core::id::ContactId;
use muster_core::{Entity, Result, Timestamp};

use crate::db::Tx;
use crate::{params, sql};

/// Gives everything of `from` to `into` and deletes `from`. Both rows are locked, and so are all conversations of `from`.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn absorb(tx: &mut Tx, from: ContactId, into: ContactId, now: Timestamp) -> Result<()> {
    conversations(tx, from, into, now).await?;
    let both = params![from, into];
    for statement in [
        sql!("UPDATE identities SET contact_id = $2 WHERE contact_id = $1"),
        sql!("UPDATE contact_notes SET contact_id = $2 WHERE contact_id = $1"),
        sql!("UPDATE media SET uploader_id = $2 WHERE uploader_kind = 'contact' AND uploader_id = $1"),
    ] {
        tx.execute(statement, &both).await?;
    }
    traces(tx, from).await?;
    tx.execute(sql!("DELETE FROM visitor_sessions WHERE contact_id = $1"), &params![from]).await?;
    tx.execute(sql!("DELETE FROM contacts WHERE id = $1"), &params![from]).await.map(drop)
}

async fn conversations(tx: &mut Tx, from: ContactId, into: ContactId, now: Timestamp) -> Result<()> {
    let messages = sql!(
        "UPDATE messages SET author_id = $2 WHERE author_kind = 'contact' AND author_id = $1
           AND conversation_id IN (SELECT id FROM conversations WHERE contact_id = $1)"
    );
    tx.execute(messages, &params![from, into]).await?;
    let conversations =
        sql!("UPDATE conversations SET contact_id = $2, updated_at = $3, version = version + 1 WHERE contact_id = $1");
    tx.execute(conversations, &params![from, into, now]).await.map(drop)
}

/// What is kept about the one who is gone, where nobody would look for it again.
async fn traces(tx: &mut Tx, from: ContactId) -> Result<()> {
    let whose = params![from, Entity::Contact.as_str()];
    for statement in [
        sql!("DELETE FROM extras WHERE kind = $2 AND id = $1"),
        sql!("DELETE FROM timers WHERE entity_kind = $2 AND entity_id = $1"),
        sql!("UPDATE audit SET before = NULL, after = NULL WHERE entity_kind = $2 AND entity_id = $1"),
    ] {
        tx.execute(statement, &whose).await?;
    }
    let acts = sql!("UPDATE audit SET ip = NULL, credential = NULL WHERE actor = $1");
    tx.execute(acts, &params![ActorRef::Contact(from).to_string()]).await.map(drop)
}
