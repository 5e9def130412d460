//! Letting go of what was kept long enough, a bounded number of rows at a time.

use muster_core::id::{ContactId, ConversationId, InboxId};
use muster_core::{Result, Timestamp};

use crate::db::{Engine, Row, SqlBuf, Tx};
use crate::{params, search, sql};

/// A conversation and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub conversation: ConversationId,
    pub contact: ContactId,
}

/// The greatest id that a conversation has; 0 without any.
///
/// # Errors
/// As [`Tx::query`].
pub async fn last_conversation(tx: &mut Tx) -> Result<ConversationId> {
    tx.query_one(sql!("SELECT COALESCE(MAX(id), 0) AS id FROM conversations"), &[]).await?.get("id")
}

/// The conversations of an inbox among those of these ids (the first excluded) that are resolved and unchanged since
/// `before`, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn resolved_before(
    tx: &mut Tx,
    inbox: InboxId,
    before: Timestamp,
    (after, up_to): (ConversationId, ConversationId),
) -> Result<Vec<ConversationId>> {
    let select = sql!(
        "SELECT id FROM conversations
         WHERE id > $3 AND id <= $4 AND inbox_id = $1 AND category = 'resolved' AND updated_at < $2 ORDER BY id"
    );
    tx.query(select, &params![inbox, before, after, up_to]).await?.iter().map(|row| row.get("id")).collect()
}

/// Locks those of these conversations that are still resolved and unchanged since `before`, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_resolved_before(tx: &mut Tx, ids: &[ConversationId], before: Timestamp) -> Result<Vec<Kept>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select =
        SqlBuf::new("SELECT id, contact_id FROM conversations WHERE category = 'resolved' AND updated_at < ");
    select.bind(before).push(" AND id IN ").bind_list(ids.iter().copied()).push(" ORDER BY id");
    for_update(tx, &mut select);
    let kept = |row: &Row| Ok(Kept { conversation: row.get("id")?, contact: row.get("contact_id")? });
    tx.query_buf(&select).await?.iter().map(kept).collect()
}

/// Deletes locked conversations with everything that is part of them.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_conversations(tx: &mut Tx, ids: &[ConversationId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    search::remove_of_conversations(tx, ids).await?;
    for part in [
        "DELETE FROM surveys WHERE conversation_id IN ",
        "DELETE FROM notifications WHERE conversation_id IN ",
        "DELETE FROM mentions WHERE conversation_id IN ",
        "DELETE FROM drafts WHERE conversation_id IN ",
        "DELETE FROM messages WHERE conversation_id IN ",
        "DELETE FROM decisions WHERE conversation_id IN ",
        "DELETE FROM last_seen WHERE conversation_id IN ",
        "DELETE FROM conversation_tags WHERE conversation_id IN ",
        "DELETE FROM queue_entries WHERE conversation_id IN ",
        "DELETE FROM extras WHERE kind = 'conversation' AND id IN ",
        "DELETE FROM timers WHERE entity_kind = 'conversation' AND entity_id IN ",
        "UPDATE conversations SET merged_into = NULL WHERE merged_into IN ",
        "DELETE FROM conversations WHERE id IN ",
    ] {
        let mut statement = SqlBuf::new(part);
        statement.bind_list(ids.iter().copied());
        tx.execute_buf(&statement).await?;
    }
    let mut audit = SqlBuf::new("UPDATE audit SET before = NULL, after = NULL WHERE entity_kind = 'conversation'");
    audit.push(" AND entity_id IN ").bind_list(ids.iter().copied());
    tx.execute_buf(&audit).await.map(drop)
}

/// Locks those of these contacts, in order of id, who are visitors or erased.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_visitors(tx: &mut Tx, ids: &[ContactId]) -> Result<Vec<ContactId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select =
        SqlBuf::new("SELECT id FROM contacts WHERE (kind = 'visitor' OR deleted_at IS NOT NULL) AND id IN ");
    select.bind_list(ids.iter().copied()).push(" ORDER BY id");
    for_update(tx, &mut select);
    tx.query_buf(&select).await?.iter().map(|row| row.get("id")).collect()
}

/// Deletes a locked contact who has no conversation, with all that is kept of them. False if there is one.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_contact(tx: &mut Tx, contact: ContactId) -> Result<bool> {
    let any = sql!("SELECT id FROM conversations WHERE contact_id = $1 LIMIT 1");
    if tx.query_opt(any, &params![contact]).await?.is_some() {
        return Ok(false);
    }
    tx.execute(sql!("DELETE FROM visitor_sessions WHERE contact_id = $1"), &params![contact]).await?;
    tx.execute(sql!("DELETE FROM identities WHERE contact_id = $1"), &params![contact]).await?;
    tx.execute(sql!("DELETE FROM contact_notes WHERE contact_id = $1"), &params![contact]).await?;
    super::traces(tx, contact).await?;
    tx.execute(sql!("DELETE FROM contacts WHERE id = $1"), &params![contact]).await.map(|deleted| deleted == 1)
}

fn for_update(tx: &Tx, select: &mut SqlBuf) {
    if tx.engine() == Engine::Postgres {
        select.push(" FOR UPDATE");
    }
}

/// Deletes up to `limit` of the first events: those from before `before` that nobody waits for any more, because every
/// cursor is past them and `told` too. The rest stays without a gap, the last event always. Tells how many went.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_events(tx: &mut Tx, before: Timestamp, told: i64, limit: i64) -> Result<u64> {
    let bound = sql!("SELECT COALESCE(MIN(pos), $1) AS pos FROM cursors");
    let worked_off: i64 = tx.query_one(bound, &params![told]).await?.get("pos")?;
    let select = sql!(
        sqlite: "SELECT id AS position, at FROM events ORDER BY id LIMIT $1",
        postgres: "SELECT pos AS position, at FROM events WHERE pos IS NOT NULL ORDER BY pos LIMIT $1",
    );
    let first = tx.query(select, &params![limit.saturating_add(1)]).await?;
    let mut last_to_go = 0;
    // The last one looked at stays: it is the last of all, or one of the next batch.
    for row in first.iter().take(first.len().saturating_sub(1)) {
        let (position, at): (i64, Timestamp) = (row.get("position")?, row.get("at")?);
        if at >= before || position > worked_off.min(told) {
            break;
        }
        last_to_go = position;
    }
    let delete = sql!(
        sqlite: "DELETE FROM events WHERE id <= $1",
        postgres: "DELETE FROM events WHERE pos <= $1",
    );
    if last_to_go == 0 { Ok(0) } else { tx.execute(delete, &params![last_to_go]).await }
}

/// Deletes up to `limit` of the first entries of the audit log, up to the first one that isn't from before `before`.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_audit(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let first = tx.query(sql!("SELECT id, at FROM audit ORDER BY id LIMIT $1"), &params![limit]).await?;
    let mut last_to_go = 0;
    for row in &first {
        if row.get::<Timestamp>("at")? >= before {
            break;
        }
        last_to_go = row.get::<i64>("id")?;
    }
    if last_to_go == 0 {
        return Ok(0);
    }
    tx.execute(sql!("DELETE FROM audit WHERE id <= $1"), &params![last_to_go]).await
}

/// Deletes up to `limit` jobs that were done before `before`. Dead ones stay until somebody looks at them.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_jobs(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let delete = sql!(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE done_at < $1 AND dead_at IS NULL ORDER BY done_at LIMIT $2)"
    );
    tx.execute(delete, &params![before, limit]).await
}

/// Deletes up to `limit` drafts that haven't been changed since `before`.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_drafts(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let delete = sql!(
        "DELETE FROM drafts WHERE id IN (SELECT id FROM drafts WHERE updated_at < $1 ORDER BY updated_at LIMIT $2)"
    );
    tx.execute(delete, &params![before, limit]).await
}

/// Deletes up to `limit` notifications from before `before`.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_notifications(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let delete = sql!(
        "DELETE FROM notifications WHERE id IN
         (SELECT id FROM notifications WHERE created_at < $1 ORDER BY created_at LIMIT $2)"
    );
    tx.execute(delete, &params![before, limit]).await
}

/// Deletes up to `limit` of each kind of proof that was over before `before`: sessions of agents and visitors, one-time
/// links, integrations' tokens; and the counts of integrations' calls of days before that. Tells how many went of the
/// kind of which most went.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_proofs(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let mut most = 0;
    for delete in [
        sql!(
            "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions
             WHERE expires_at < $1 OR ended_by IS NOT NULL AND created_at < $1 LIMIT $2)"
        ),
        sql!(
            "DELETE FROM visitor_sessions WHERE token_hash IN
             (SELECT token_hash FROM visitor_sessions WHERE expires_at < $1 LIMIT $2)"
        ),
        sql!(
            "DELETE FROM one_time_links WHERE hash IN
             (SELECT hash FROM one_time_links WHERE expires_at < $1 OR used_at < $1 LIMIT $2)"
        ),
        sql!(
            "DELETE FROM integration_tokens WHERE token_hash IN
             (SELECT token_hash FROM integration_tokens WHERE expires_at < $1 LIMIT $2)"
        ),
        sql!(
            "DELETE FROM integration_calls WHERE (integration_id, day) IN
             (SELECT integration_id, day FROM integration_calls WHERE day < $1 LIMIT $2)"
        ),
    ] {
        most = tx.execute(delete, &params![before, limit]).await?.max(most);
    }
    Ok(most)
}
