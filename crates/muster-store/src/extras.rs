//! What one product keeps with a thing that the desk doesn't know: an object of its own, by dialect.

use std::collections::BTreeMap;

use muster_core::{Entity, Result};
use serde_json::{Map, Value};

use crate::db::Tx;
use crate::{json, params, sql};

/// The extras of one thing, empty if there are none.
///
/// # Errors
/// Those of the statement.
pub async fn find(tx: &mut Tx, kind: Entity, id: i64, dialect: &str) -> Result<Map<String, Value>> {
    let select = sql!("SELECT json FROM extras WHERE kind = $1 AND id = $2 AND dialect = $3");
    let row = tx.query_opt(select, &params![kind.as_str(), id, dialect]).await?;
    row.map_or_else(|| Ok(Map::new()), |row| row.get_json("json"))
}

/// One dialect's extras of all things of a kind, by id.
///
/// # Errors
/// Those of the statement.
pub async fn list(tx: &mut Tx, kind: Entity, dialect: &str) -> Result<BTreeMap<i64, Map<String, Value>>> {
    let select = sql!("SELECT id, json FROM extras WHERE kind = $1 AND dialect = $2");
    let rows = tx.query(select, &params![kind.as_str(), dialect]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get_json("json")?))).collect()
}

/// Saves the extras of one thing, whose row is locked, in place of those it had.
///
/// # Errors
/// Those of the statement.
pub async fn save(tx: &mut Tx, kind: Entity, id: i64, dialect: &str, values: &Map<String, Value>) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO extras (kind, id, dialect, json) VALUES ($1, $2, $3, $4)
         ON CONFLICT (kind, id, dialect) DO UPDATE SET json = excluded.json"
    );
    tx.execute(upsert, &params![kind.as_str(), id, dialect, json(values)?]).await.map(drop)
}

/// Deletes what every dialect keeps with a thing.
///
/// # Errors
/// Those of the statement.
pub async fn delete(tx: &mut Tx, kind: Entity, id: i64) -> Result<()> {
    tx.execute(sql!("DELETE FROM extras WHERE kind = $1 AND id = $2"), &params![kind.as_str(), id]).await.map(drop)
}
