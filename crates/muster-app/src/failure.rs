//! Telling the store's failures from everybody else's.

use muster_core::{Busy, Error};
use muster_store::db::{DbErrorKind, db_error};

/// Whether the store failed to do what was asked of it. What passes by itself is
/// [`muster_core::Busy`] and not meant; neither is a fault of the code that asked.
#[must_use]
pub fn is_store_failure(error: &Error) -> bool {
    db_error(error).is_some_and(|cause| match cause.kind {
        DbErrorKind::Unique { .. }
        | DbErrorKind::ForeignKey
        | DbErrorKind::NotNull
        | DbErrorKind::Check
        | DbErrorKind::Unknown
        | DbErrorKind::Other => true,
        DbErrorKind::Conflict | DbErrorKind::Shape | DbErrorKind::Job | DbErrorKind::Served => false,
    })
}

/// What a write answers that was in the way of others too often: it passes by itself.
pub(crate) fn contended(error: Error) -> Error {
    if db_error(&error).is_some_and(|cause| cause.kind == DbErrorKind::Conflict) {
        tracing::warn!(error = ?error, "a write was in the way of others too often");
        return Error::Busy(Busy::QueueFull);
    }
    error
}
