//! Gives events their positions.
//!
//! A position is a place in one gapless total order of all events, which agrees with the order of commits. On SQLite
//! it is the event's `id`: there is one writer, and an `AUTOINCREMENT` id goes back with the savepoint that drew it. On
//! PostgreSQL ids have gaps and become visible out of order, so `events.pos` is stamped after the commit: over rows
//! below the horizon under which every transaction has ended, in order of id, by one stamping transaction at a time.
//!
//! A row above the horizon holds back those of greater id: a transaction that began early may have waited for the lock
//! of one that began later, and then it is below the horizon while that other one, which it follows, is still above.

use std::time::Duration;

use futures_util::FutureExt as _;
use muster_core::Result;

use crate::db::{Engine, Store, Tx};
use crate::{params, sql};

/// Events stamped in one transaction.
const BATCH: i64 = 1000;
/// The pause before another look at events that an open transaction kept from being stamped.
const PAUSE: Duration = Duration::from_millis(50);
/// The pause before another look when nothing wakes the sequencer.
const IDLE: Duration = Duration::from_secs(1);

/// What one stamping left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamped {
    count: i64,
    /// There are events whose time has not come.
    is_more: bool,
}

impl Store {
    /// Starts giving events their positions, until the store is closed. For the process that serves, once; on SQLite
    /// events have their positions already.
    pub fn start_sequencer(&self) {
        if self.engine() == Engine::Postgres {
            self.run_beside(run(self.clone()));
        }
    }
}

async fn run(store: Store) {
    let mut written = store.signals().written();
    let mut is_held_up = false;
    loop {
        written.mark_unchanged();
        let pause = match store.write_ahead(|tx| stamp(tx).boxed()).await {
            Ok(stamped) => {
                is_held_up = false;
                if stamped.count > 0 {
                    store.signals().positioned();
                }
                if stamped.count == BATCH {
                    continue;
                }
                if stamped.is_more { PAUSE } else { IDLE }
            }
            Err(error) => {
                if !std::mem::replace(&mut is_held_up, true) {
                    tracing::warn!(error = ?error, "events can't be given their positions; trying again");
                }
                IDLE
            }
        };
        // Whether it was woken or the time is up, the next thing to do is the same.
        drop(tokio::time::timeout(pause, written.changed()).await);
    }
}

/// Stamps the next events, unless another process is about it.
async fn stamp(tx: &mut Tx) -> Result<Stamped> {
    tx.keep_quiet();
    let lock = sql!(postgres: "SELECT pg_try_advisory_xact_lock(x'6d75737465720002'::bigint) AS locked");
    if !tx.query_one(lock, &[]).await?.get("locked")? {
        return Ok(Stamped { count: 0, is_more: true });
    }
    // A statement of its own, because its snapshot must be younger than the lock.
    let stamp = sql!(postgres: "
        WITH held AS (
            SELECT MIN(id) AS id FROM events WHERE pos IS NULL AND txid >= pg_snapshot_xmin(pg_current_snapshot())
        ), due AS MATERIALIZED (
            SELECT id, row_number() OVER (ORDER BY id) AS place
            FROM (
                SELECT events.id FROM events, held
                WHERE pos IS NULL AND txid < pg_snapshot_xmin(pg_current_snapshot())
                    AND (held.id IS NULL OR events.id < held.id)
                ORDER BY events.id LIMIT $1
            ) AS ended
        ), base AS (
            UPDATE counters SET value = value + (SELECT COUNT(*) FROM due)
            WHERE name = 'event_pos' AND EXISTS (SELECT 1 FROM due)
            RETURNING value - (SELECT COUNT(*) FROM due) AS pos
        ), stamped AS (
            UPDATE events SET pos = base.pos + due.place FROM due, base WHERE events.id = due.id
            RETURNING 1
        )
        SELECT
            (SELECT COUNT(*) FROM stamped) AS count,
            EXISTS (SELECT 1 FROM held WHERE id IS NOT NULL) AS is_more
    ");
    let row = tx.query_one(stamp, &params![BATCH]).await?;
    Ok(Stamped { count: row.get("count")?, is_more: row.get("is_more")? })
}
