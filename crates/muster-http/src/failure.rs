//! What every dialect does about a failure before it words the answer.

use std::error::Error;

use muster_app::Seldom;
use muster_core::Busy;

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
    static TOLD: Seldom = Seldom::new();
    if TOLD.is_time() {
        tracing::warn!(reason = %busy, "requests are refused for now");
    }
    match busy {
        Busy::QueueFull | Busy::Passwords | Busy::TooSlow => 1,
        Busy::Store | Busy::ReadOnly | Busy::ShuttingDown => 5,
    }
}
