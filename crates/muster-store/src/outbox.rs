//! The outbox: what happened, committed with it, in one gapless order.
//!
//! An event's place in that order is its `position`. On SQLite that is the row's id, given by the one writer; on
//! PostgreSQL the sequencer stamps it after the commit. Whoever follows the events does so by position, never by id or
//! time.

use muster_core::actor::{ActorRef, Via};
use muster_core::event::{Event, EventRecord};
use muster_core::id::ConversationId;
use muster_core::{Error, Result};

use crate::db::{Engine, Row, SqlBuf, Tx};
use crate::{params, sql};

/// Rows of one statement: few enough for the parameters that either engine takes.
const CHUNK: usize = 64;

/// Appends events. Their `position` is given by the store and ignored here.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn append(tx: &mut Tx, records: &[EventRecord]) -> Result<()> {
    for chunk in records.chunks(CHUNK) {
        let mut insert = SqlBuf::new(
            "INSERT INTO events (uuid, aggregate_kind, aggregate_id, seq, name, at, actor, via, request_id, payload) VALUES ",
        );
        for (at, record) in chunk.iter().enumerate() {
            if at > 0 {
                insert.push(", ");
            }
            bind(&mut insert, record)?;
        }
        tx.execute_buf(&insert).await?;
    }
    Ok(())
}

fn bind(insert: &mut SqlBuf, record: &EventRecord) -> Result<()> {
    let (entity, id) = record.event.aggregate();
    insert.push("(").bind(record.uuid);
    insert.push(", ").bind(entity.as_str());
    insert.push(", ").bind(id);
    insert.push(", ").bind(record.seq);
    insert.push(", ").bind(record.event.name());
    insert.push(", ").bind(record.at);
    insert.push(", ").bind(record.actor.to_string());
    insert.push(", ").bind(record.via.as_str());
    insert.push(", ").bind(record.request_id.as_ref());
    insert.push(", ").bind(payload(&record.event)?);
    insert.push(")");
    Ok(())
}

/// The event's fields as JSON; its name has a column of its own.
fn payload(event: &Event) -> Result<String> {
    let mut tagged = serde_json::to_value(event).map_err(Error::internal)?;
    Ok(tagged["payload"].take().to_string())
}

/// Up to `limit` events behind `position`, in order.
///
/// # Errors
/// As [`Tx::query`]; also for an event that this program doesn't know.
pub async fn events_after(tx: &mut Tx, position: i64, limit: i64) -> Result<Vec<EventRecord>> {
    let select = sql!(
        sqlite: "SELECT id AS position, uuid, seq, at, actor, via, request_id, name, payload FROM events WHERE id > $1 ORDER BY id LIMIT $2",
        postgres: "SELECT pos AS position, uuid, seq, at, actor, via, request_id, name, payload FROM events WHERE pos > $1 ORDER BY pos LIMIT $2",
    );
    tx.query(select, &params![position, limit]).await?.iter().map(record).collect()
}

/// The events behind `position` that change who may read a conversation, in the order in which they happened: of these
/// conversations, or of all. Those that were committed but have no position yet are among them, with 0 in its place.
///
/// # Errors
/// As [`events_after`].
pub async fn turns_after(tx: &mut Tx, position: i64, of: Option<&[ConversationId]>) -> Result<Vec<EventRecord>> {
    let is_sqlite = tx.engine() == Engine::Sqlite;
    let mut select = SqlBuf::new(if is_sqlite {
        "SELECT id AS position, uuid, seq, at, actor, via, request_id, name, payload FROM events WHERE (id > "
    } else {
        "SELECT COALESCE(pos, 0) AS position, uuid, seq, at, actor, via, request_id, name, payload FROM events
         WHERE (pos IS NULL OR pos > "
    });
    select.bind(position);
    select.push(") AND name IN ('conversation.assigned', 'conversation.unassigned', 'conversation.team_changed')");
    if let Some(of) = of {
        select.push(" AND aggregate_kind = 'conversation' AND aggregate_id IN ").bind_list(of.iter().copied());
    }
    select.push(if is_sqlite { " ORDER BY id" } else { " ORDER BY pos, id" });
    tx.query_buf(&select).await?.iter().map(record).collect()
}

/// The events of these names behind `after` up to `until`.
///
/// # Errors
/// As [`events_after`].
pub async fn named_between(tx: &mut Tx, after: i64, until: i64, names: &[&'static str]) -> Result<Vec<EventRecord>> {
    let is_sqlite = tx.engine() == Engine::Sqlite;
    let mut select = SqlBuf::new(if is_sqlite {
        "SELECT id AS position, uuid, seq, at, actor, via, request_id, name, payload FROM events WHERE id > "
    } else {
        "SELECT pos AS position, uuid, seq, at, actor, via, request_id, name, payload FROM events WHERE pos > "
    });
    select.bind(after).push(if is_sqlite { " AND id <= " } else { " AND pos <= " }).bind(until);
    select.push(" AND name IN ").bind_list(names.iter().copied());
    tx.query_buf(&select).await?.iter().map(record).collect()
}

fn record(row: &Row) -> Result<EventRecord> {
    Ok(EventRecord {
        position: row.get("position")?,
        uuid: row.get("uuid")?,
        seq: row.get("seq")?,
        at: row.get("at")?,
        actor: row.get_word("actor", ActorRef::parse)?,
        via: row.get_word("via", Via::parse)?,
        request_id: row.get("request_id")?,
        event: row.get_word("payload", |payload| event(row.get_str("name").ok()?, payload))?,
    })
}

fn event(name: &str, payload: &str) -> Option<Event> {
    let payload: serde_json::Value = serde_json::from_str(payload).ok()?;
    serde_json::from_value(serde_json::json!({ "name": name, "payload": payload })).ok()
}

/// The position of the latest event; 0 where there is none.
///
/// # Errors
/// As [`Tx::query`].
pub async fn last_position(tx: &mut Tx) -> Result<i64> {
    let select = sql!(
        sqlite: "SELECT COALESCE(MAX(id), 0) AS position FROM events",
        postgres: "SELECT COALESCE(MAX(pos), 0) AS position FROM events",
    );
    tx.query_one(select, &[]).await?.get("position")
}

/// The position of the first event that is still kept; `None` where there is none.
///
/// # Errors
/// As [`Tx::query`].
pub async fn first_position(tx: &mut Tx) -> Result<Option<i64>> {
    let select = sql!(
        sqlite: "SELECT MIN(id) AS position FROM events",
        postgres: "SELECT MIN(pos) AS position FROM events",
    );
    tx.query_one(select, &[]).await?.get("position")
}

/// Whether every committed event has got its position. Always so on SQLite.
///
/// # Errors
/// As [`Tx::query`].
pub async fn all_positioned(tx: &mut Tx) -> Result<bool> {
    if tx.engine() == Engine::Sqlite {
        return Ok(true);
    }
    let select = sql!(postgres: "SELECT NOT EXISTS (SELECT 1 FROM events WHERE pos IS NULL) AS positioned");
    tx.query_one(select, &[]).await?.get("positioned")
}

/// How many committed events have no position yet. None on SQLite.
///
/// # Errors
/// As [`Tx::query`].
pub async fn count_unplaced(tx: &mut Tx) -> Result<i64> {
    if tx.engine() == Engine::Sqlite {
        return Ok(0);
    }
    tx.query_one(sql!(postgres: "SELECT COUNT(*) AS unplaced FROM events WHERE pos IS NULL"), &[])
        .await?
        .get("unplaced")
}
