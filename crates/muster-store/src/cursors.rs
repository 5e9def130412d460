//! How far those who follow the events by name have come. Delivery is at least once: a cursor moves when the work is
//! done.

use muster_core::Result;

use crate::db::Tx;
use crate::{params, sql};

/// The position that `name` has worked off; `None` if it never started.
///
/// # Errors
/// As [`Tx::query`].
pub async fn find(tx: &mut Tx, name: &'static str) -> Result<Option<i64>> {
    let select = sql!("SELECT pos FROM cursors WHERE name = $1");
    tx.query_opt(select, &params![name]).await?.map(|row| row.get("pos")).transpose()
}

/// Moves a cursor forward; one that has come further stays.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn advance(tx: &mut Tx, name: &'static str, position: i64) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO cursors (name, pos) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET pos = excluded.pos WHERE cursors.pos < excluded.pos"
    );
    tx.execute(upsert, &params![name, position]).await.map(drop)
}
