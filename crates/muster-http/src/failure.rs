//! What every dialect does about a failure before it words the answer.

use std::error::Error;

use muster_core::Busy;

/// Logs an inner failure with all its causes. None of it may be shown to the client.
pub fn log_causes(error: &(dyn Error + 'static)) {
    let causes = std::iter::successors(Some(error), |cause| (*cause).source());
    let chain = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    tracing::error!(error = chain, "a request failed");
}

/// Logs a refusal for lack of room, and says in how many seconds the client may try again.
#[must_use]
pub fn retry_after(busy: Busy) -> u64 {
    tracing::warn!(reason = %busy, "refused for now");
    match busy {
        Busy::QueueFull | Busy::Passwords | Busy::TooSlow => 1,
        Busy::Store | Busy::ShuttingDown => 5,
    }
}
