//! The one number sequence of agents and contacts: an id never means two people.

use muster_core::Result;

use crate::db::Tx;
use crate::sql;

/// Draws the next id.
///
/// # Errors
/// Those of the statement.
pub async fn next_id(tx: &mut Tx) -> Result<i64> {
    let next = sql!(
        sqlite: "UPDATE counters SET value = value + 1 WHERE name = 'people' RETURNING value AS id",
        postgres: "SELECT nextval('people_id') AS id",
    );
    tx.query_one(next, &[]).await?.get("id")
}
