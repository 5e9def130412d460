//! The time a read may take, checked by SQLite itself while it works.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// How many virtual machine instructions pass between two looks at the clock.
const INSTRUCTIONS: i32 = 1000;
/// Of [`Deadline::at`]: no end is set.
const NEVER: u64 = u64::MAX;

/// A moment after which the connection it watches works no further.
#[derive(Debug, Clone)]
pub(super) struct Deadline {
    zero: Instant,
    /// Milliseconds after `zero`.
    at: Arc<AtomicU64>,
}

impl Deadline {
    pub(super) fn watching(connection: &mut Connection) -> rusqlite::Result<Self> {
        let deadline = Self { zero: Instant::now(), at: Arc::new(AtomicU64::new(NEVER)) };
        let watch = deadline.clone();
        connection.progress_handler(INSTRUCTIONS, Some(move || watch.is_past()))?;
        Ok(deadline)
    }

    pub(super) fn set(&self, within: Duration) {
        self.at.store(millis(self.zero.elapsed().saturating_add(within)), Ordering::Relaxed);
    }

    pub(super) fn clear(&self) {
        self.at.store(NEVER, Ordering::Relaxed);
    }

    pub(super) fn is_past(&self) -> bool {
        millis(self.zero.elapsed()) >= self.at.load(Ordering::Relaxed)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(NEVER)
}
