//! Telling the store's failures from everybody else's.

use muster_core::Error;
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
        | DbErrorKind::Conflict
        | DbErrorKind::Unknown
        | DbErrorKind::Other => true,
        DbErrorKind::Shape | DbErrorKind::Job | DbErrorKind::Served => false,
    })
}
