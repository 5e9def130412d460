//! Whether writes go through: learnt from how they end, and said in the log once for each change.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use muster_core::{Busy, Error, Result};

/// After so long without a failure, writes go through again. A full disk takes small writes now and then.
const STEADY: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
pub(super) struct Condition {
    /// Whether `failed_at` holds something: a good write looks no further.
    is_held_up: AtomicBool,
    failed_at: Mutex<Option<Instant>>,
    /// How many times writes have stopped going through.
    times: AtomicU64,
}

impl Condition {
    /// Takes note of how a write ended.
    pub(super) fn note<T>(&self, outcome: &Result<T>) {
        match outcome {
            Err(Error::Busy(busy @ (Busy::ReadOnly | Busy::Store))) => self.failed(*busy),
            Ok(_) if self.is_held_up.load(Ordering::Acquire) => self.succeeded(),
            Ok(_) | Err(_) => {}
        }
    }

    /// Whether writes went through of late.
    pub(super) fn is_good(&self) -> bool {
        !self.is_held_up.load(Ordering::Acquire)
    }

    pub(super) fn times_held_up(&self) -> u64 {
        self.times.load(Ordering::Acquire)
    }

    fn failed(&self, busy: Busy) {
        let mut failed_at = self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        if failed_at.replace(Instant::now()).is_none() {
            self.is_held_up.store(true, Ordering::Release);
            self.times.fetch_add(1, Ordering::Release);
            tracing::error!("the desk is read-only: {busy}. It goes on by itself once that has passed");
        }
    }

    fn succeeded(&self) {
        let mut failed_at = self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        if failed_at.is_some_and(|at| at.elapsed() >= STEADY) {
            *failed_at = None;
            self.is_held_up.store(false, Ordering::Release);
            tracing::info!("the store takes writes again");
        }
    }
}
