//! Lines of the log that would repeat with every call: each is said at most every ten seconds.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(10);

/// When something was said last.
#[derive(Debug)]
pub struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether it may be said again; if so, it counts as said.
    pub fn is_time(&self) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = said.is_none_or(|at| at.elapsed() >= EVERY);
        if is_time {
            *said = Some(Instant::now());
        }
        is_time
    }
}

impl Default for Seldom {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Seldom;

    #[test]
    fn it_is_said_once_and_not_again_at_once() {
        let seldom = Seldom::new();
        assert!(seldom.is_time());
        assert!(!seldom.is_time());
    }
}
