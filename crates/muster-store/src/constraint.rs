//! What it means for the desk that a constraint refused a row.

use muster_core::{Entity, Error};

use crate::db::{DbErrorKind, db_error, unique_violation};

/// A unique name is another's.
pub(crate) fn taken(error: Error, entity: Entity) -> Error {
    if unique_violation(&error).is_some() { Error::Conflict(entity) } else { error }
}

/// What the row refers to has just been deleted.
pub(crate) fn missing(error: Error, entity: Entity) -> Error {
    let is_missing = db_error(&error).is_some_and(|cause| cause.kind == DbErrorKind::ForeignKey);
    if is_missing { Error::NotFound(entity) } else { error }
}
