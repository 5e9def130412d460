//! Timers: what has to be looked at when its time comes. At most one per name and thing.

use muster_core::{Entity, Result, Timestamp};

use crate::db::{Row, Tx};
use crate::{params, sql};

/// A timer that has been set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    pub name: String,
    pub entity: (Entity, i64),
    pub due_at: Timestamp,
}

/// Sets a timer, or moves the one of the same name and thing.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn set(tx: &mut Tx, name: &'static str, entity: (Entity, i64), due_at: Timestamp) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO timers (name, entity_kind, entity_id, due_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name, entity_kind, entity_id) DO UPDATE SET due_at = excluded.due_at"
    );
    tx.execute(upsert, &params![name, entity.0.as_str(), entity.1, due_at]).await.map(drop)
}

/// Sets a timer unless one of the same name and thing is set already.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn set_if_unset(tx: &mut Tx, name: &'static str, entity: (Entity, i64), due_at: Timestamp) -> Result<()> {
    let insert = sql!(
        "INSERT INTO timers (name, entity_kind, entity_id, due_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name, entity_kind, entity_id) DO NOTHING"
    );
    tx.execute(insert, &params![name, entity.0.as_str(), entity.1, due_at]).await.map(drop)
}

/// Takes a timer away, if it is set.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn clear(tx: &mut Tx, name: &'static str, entity: (Entity, i64)) -> Result<()> {
    let delete = sql!("DELETE FROM timers WHERE name = $1 AND entity_kind = $2 AND entity_id = $3");
    tx.execute(delete, &params![name, entity.0.as_str(), entity.1]).await.map(drop)
}

/// Takes a timer away if it is due. Tells whether it was: then whoever asked is the one to act.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn take_due(tx: &mut Tx, timer: &Timer, now: Timestamp) -> Result<bool> {
    let delete = sql!("DELETE FROM timers WHERE name = $1 AND entity_kind = $2 AND entity_id = $3 AND due_at <= $4");
    let (entity, id) = timer.entity;
    let deleted = tx.execute(delete, &params![&timer.name, entity.as_str(), id, now]).await?;
    Ok(deleted == 1)
}

/// Up to `limit` timers whose time has come, the longest overdue first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Timer>> {
    let select =
        sql!("SELECT name, entity_kind, entity_id, due_at FROM timers WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2");
    tx.query(select, &params![now, limit]).await?.iter().map(timer).collect()
}

/// When the next timer is due.
///
/// # Errors
/// As [`Tx::query`].
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let select = sql!("SELECT MIN(due_at) AS due_at FROM timers");
    tx.query_one(select, &[]).await?.get("due_at")
}

fn timer(row: &Row) -> Result<Timer> {
    Ok(Timer {
        name: row.get("name")?,
        entity: (row.get_word("entity_kind", Entity::parse)?, row.get("entity_id")?),
        due_at: row.get("due_at")?,
    })
}
