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
/// Turns until that is tried again when somebody was reading the log: each try holds up writers in vain.
const RESTART_AGAIN: u32 = 50;

/// What a checkpoint found and did.
struct Checkpoint {
    /// Somebody was in its way.
    was_busy: bool,
    /// Pages in the log.
    pages: i64,
    /// How many of them are in the database file too.
    copied: i64,
}

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
    /// Turns until the log may be begun anew again: somebody reads it.
    until_restart: u32,
}

impl Keeper {
    pub(super) fn new(connection: Connection, process: Process, signals: Signals, space: Arc<Space>) -> Self {
        let mut keeper =
            Self { connection, process, signals, space, version: None, is_held_up: false, until_restart: 0 };
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
        let Ok(Checkpoint { pages, copied, .. }) = self.checkpoint("NOOP") else { return };
        if pages - copied >= PASSIVE_PAGES {
            self.copy("PASSIVE");
        }
        self.until_restart = self.until_restart.saturating_sub(1);
        if pages >= RESTART_PAGES && self.until_restart == 0 && self.copy("TRUNCATE") {
            self.until_restart = RESTART_AGAIN;
        }
    }

    /// Copies what it can from the log to the database file. What it can't, such as to a full disk, waits in the log.
    /// Whether it waited in vain for somebody who reads the log.
    fn copy(&mut self, mode: &str) -> bool {
        let copied = self.checkpoint(mode);
        let was_held_up = std::mem::replace(&mut self.is_held_up, copied.is_err());
        match &copied {
            Err(error) if !was_held_up => tracing::warn!(mode, %error, "checkpoints have to wait"),
            Ok(_) if was_held_up => tracing::info!("checkpoints go on"),
            Ok(_) | Err(_) => {}
        }
        copied.is_ok_and(|done| done.was_busy)
    }

    fn checkpoint(&self, mode: &str) -> rusqlite::Result<Checkpoint> {
        let text = format!("PRAGMA wal_checkpoint({mode})");
        self.connection.query_row(&text, [], |row| {
            Ok(Checkpoint { was_busy: row.get(0)?, pages: row.get(1)?, copied: row.get(2)? })
        })
    }
}
