//! The numbers that were given out. A desk that is restored goes on behind them, so that none is given twice.

use std::collections::BTreeMap;

use muster_core::Result;
use serde::{Deserialize, Serialize};

use super::catalogue::Described;
use crate::db::{Engine, Tx};
use crate::{params, sql};

/// The last number of each sequence; 0 where none was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// Ids of agents and contacts.
    pub people: i64,
    /// The position of the last event that is in the dump.
    pub position: i64,
    /// By table: ids that the engine gives. Those of events are positions.
    pub tables: BTreeMap<String, i64>,
}

/// Rows of `counters` that stand in [`Numbers`].
pub(super) const PEOPLE: &str = "people";
pub(super) const EVENT_POS: &str = "event_pos";

/// Reads them. PostgreSQL's sequences are of no snapshot: they may be ahead of it, which does no harm.
pub(super) async fn read(tx: &mut Tx, tables: &BTreeMap<String, Described>) -> Result<Numbers> {
    let mut given: BTreeMap<String, i64> =
        tables.iter().filter(|(_, table)| table.numbered().is_some()).map(|(name, _)| (name.clone(), 0)).collect();
    let select = sql!(
        sqlite: "SELECT name, seq AS last FROM sqlite_sequence",
        postgres: "SELECT t.relname::text AS name,
                pg_sequence_last_value(pg_get_serial_sequence(quote_ident(t.relname), c.attname)::regclass) AS last
            FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attidentity <> ''
            WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace",
    );
    for row in tx.query(select, &[]).await? {
        let last: Option<i64> = row.get("last")?;
        given.insert(row.get("name")?, last.unwrap_or(0));
    }
    let position = position(tx).await?;
    given.insert(super::EVENTS.to_owned(), position);
    Ok(Numbers { people: people(tx).await?, position, tables: given })
}

async fn people(tx: &mut Tx) -> Result<i64> {
    let select = sql!(
        sqlite: "SELECT value AS last FROM counters WHERE name = 'people'",
        postgres: "SELECT COALESCE(pg_sequence_last_value('people_id'), 0) AS last",
    );
    tx.query_one(select, &[]).await?.get("last")
}

/// The last position, as if all events had theirs.
async fn position(tx: &mut Tx) -> Result<i64> {
    let select = sql!(
        sqlite: "SELECT COALESCE(MAX(seq), 0) AS last FROM sqlite_sequence WHERE name = 'events'",
        postgres: "SELECT value + (SELECT COUNT(*) FROM events WHERE pos IS NULL) AS last
            FROM counters WHERE name = 'event_pos'",
    );
    tx.query_one(select, &[]).await?.get("last")
}

/// The last position that an event of this database has got.
pub(super) async fn stamped(tx: &mut Tx) -> Result<i64> {
    let select = sql!("SELECT value FROM counters WHERE name = 'event_pos'");
    tx.query_one(select, &[]).await?.get("value")
}

/// Lets every sequence go on behind its number.
pub(super) async fn set(tx: &mut Tx, numbers: &Numbers, tables: &BTreeMap<String, Described>) -> Result<()> {
    counter(tx, EVENT_POS, numbers.position).await?;
    if tx.engine() == Engine::Sqlite {
        counter(tx, PEOPLE, numbers.people).await?;
    } else {
        let set = sql!(postgres: "SELECT setval('people_id', GREATEST($1::bigint, 1), $1::bigint > 0)");
        tx.query(set, &params![numbers.people]).await?;
    }
    for (name, last) in &numbers.tables {
        if let Some(column) = tables.get(name).and_then(Described::numbered) {
            set_table(tx, name, column, *last).await?;
        }
    }
    Ok(())
}

async fn counter(tx: &mut Tx, name: &'static str, value: i64) -> Result<()> {
    let insert = sql!("INSERT INTO counters (name, value) VALUES ($1, $2)");
    tx.execute(insert, &params![name, value]).await.map(drop)
}

async fn set_table(tx: &mut Tx, table: &str, column: &str, last: i64) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        let set = sql!(postgres: "
            SELECT setval(pg_get_serial_sequence(quote_ident($1), $2)::regclass, GREATEST($3::bigint, 1), $3::bigint > 0)
        ");
        return tx.query(set, &params![table, column, last]).await.map(drop);
    }
    let forget = sql!(sqlite: "DELETE FROM sqlite_sequence WHERE name = $1");
    tx.execute(forget, &params![table]).await?;
    let set = sql!(sqlite: "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)");
    tx.execute(set, &params![table, last]).await.map(drop)
}
