//! The housekeeping thread: checkpoints, away from those who wait for a commit, and the watch for other processes'
//! writes.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::space::Space;
use crate::db::Process;
use crate::db::signals::Signals;

const INTERVAL: Duration = Duration::from_millis(200);
/// Intervals between two looks at the free space.
const SPACE_EVERY: u32 = 10;
/// Pages in the log that are not in the database file yet, from which on they are copied (4 MiB).
const PASSIVE_PAGES: i64 = 1000;
/// Pages in the log from which on writers are held up for a moment, so that it starts anew (64 MiB).
const RESTART_PAGES: i64 = 16_000;

/// Ends the keeper.
#[derive(Debug, Clone)]
pub(super) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Waits for `time` to pass. True if the keeper is to end.
    fn wait(&self, time: Duration) -> bool {
        let stopped = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(stopped, time, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

pub(super) struct Keeper {
    connection: Connection,
    process: Process,
    signals: Signals,
    space: Arc<Space>,
    version: Option<i64>,
    /// The last copying failed, and the log says so.
    is_held_up: bool,
}

impl Keeper {
    pub(super) fn new(connection: Connection, process: Process, signals: Signals, space: Arc<Space>) -> Self {
        let mut keeper = Self { connection, process, signals, space, version: None, is_held_up: false };
        keeper.notice_writes();
        keeper
    }

    pub(super) fn run(mut self, stop: &Stop) {
        let mut turns = 0;
        while !stop.wait(INTERVAL) {
            turns = (turns + 1) % SPACE_EVERY;
            if turns == 0 {
                self.space.look();
            }
            if self.process == Process::Serve && self.notice_writes() {
                self.signals.wrote();
            }
            self.checkpoint_if_due();
        }
        self.copy(if self.process == Process::Serve { "TRUNCATE" } else { "PASSIVE" });
    }

    /// Whether anybody, in this process or another, has committed since the last call.
    fn notice_writes(&mut self) -> bool {
        let version = self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).ok();
        let moved = version != self.version;
        self.version = version;
        moved
    }

    fn checkpoint_if_due(&mut self) {
        let Ok((pages, copied)) = self.checkpoint("NOOP") else { return };
        if pages - copied >= PASSIVE_PAGES {
            self.copy("PASSIVE");
        }
        if pages >= RESTART_PAGES {
            self.copy("TRUNCATE");
        }
    }

    /// Copies what it can from the log to the database file. What it can't, such as to a full disk, waits in the log.
    fn copy(&mut self, mode: &str) {
        let copied = self.checkpoint(mode);
        let was_held_up = std::mem::replace(&mut self.is_held_up, copied.is_err());
        match copied {
            Err(error) if !was_held_up => tracing::warn!(mode, %error, "checkpoints have to wait"),
            Ok(_) if was_held_up => tracing::info!("checkpoints go on"),
            Ok(_) | Err(_) => {}
        }
    }

    /// Pages in the log, and how many of them are in the database file too.
    fn checkpoint(&self, mode: &str) -> rusqlite::Result<(i64, i64)> {
        let text = format!("PRAGMA wal_checkpoint({mode})");
        self.connection.query_row(&text, [], |row| Ok((row.get(1)?, row.get(2)?)))
    }
}
