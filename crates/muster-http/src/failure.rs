//! What every dialect does about a failure before it words the answer.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use muster_core::Busy;

/// Between two lines of the log about refusals.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// Logs an inner failure with all its causes. None of it may be shown to the client.
pub fn log_causes(error: &(dyn Error + 'static)) {
    let causes = std::iter::successors(Some(error), |cause| (*cause).source());
    let chain = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    tracing::error!(error = chain, "a request failed");
}

/// In how many seconds a client may try again that is refused for lack of room.
///
/// A flood is refused over and over: the log hears of it every so often only.
#[must_use]
pub fn retry_after(busy: Busy) -> u64 {
    if is_time_to_tell() {
        tracing::warn!(reason = %busy, "requests are refused for now");
    }
    match busy {
        Busy::QueueFull | Busy::Passwords | Busy::TooSlow => 1,
        Busy::Store | Busy::ReadOnly | Busy::ShuttingDown => 5,
    }
}

/// True at most once within [`TOLD_EVERY`].
fn is_time_to_tell() -> bool {
    static TOLD: Mutex<Option<Instant>> = Mutex::new(None);
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let is_time = told.is_none_or(|at| at.elapsed() >= TOLD_EVERY);
    if is_time {
        *told = Some(Instant::now());
    }
    is_time
}
