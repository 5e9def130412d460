//! Making one contact of two.

use muster_core::id::ContactId;
use muster_core::{Result, Timestamp};

use crate::db::Tx;
use crate::privacy::traces;
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
