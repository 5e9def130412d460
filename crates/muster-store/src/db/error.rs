//! What the engines' errors mean to the desk.

use muster_core::{Busy, Error};

use crate::seldom::Seldom;

/// Why a statement or a transaction failed, in terms that are the same on both engines.
///
/// Travels as the cause of [`Error::Internal`]; failures that pass by themselves (disk full,
/// connection lost, deadline) are [`Error::Busy`] instead and are logged where they happen.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct DbError {
    pub kind: DbErrorKind,
    /// For the log: the engine's own words, never bound values.
    pub message: String,
}

/// The kinds a caller may want to tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbErrorKind {
    /// A unique index refused the row. `what` names it: `table.column, …` on SQLite, the
    /// constraint's name on PostgreSQL.
    Unique {
        what: String,
    },
    ForeignKey,
    NotNull,
    Check,
    /// Two transactions got in each other's way. PostgreSQL only, and only after all retries.
    Conflict,
    /// Rows, columns or values are not what the caller's code expects.
    Shape,
    /// The job itself misbehaved: it panicked, waited for something that is not the database, or went
    /// on after one of its statements had failed.
    Job,
    /// Another process serves this desk.
    Served,
    /// The transaction may or may not have been committed.
    Unknown,
    Other,
}

impl DbError {
    pub(crate) fn new(kind: DbErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn error(kind: DbErrorKind, message: impl Into<String>) -> Error {
        Error::internal(Self::new(kind, message))
    }
}

/// The [`DbError`] inside `error`, if that is its cause.
#[must_use]
pub fn db_error(error: &Error) -> Option<&DbError> {
    match error {
        Error::Internal(cause) => cause.downcast_ref(),
        _ => None,
    }
}

/// What a unique index said no to: `table.column, …` on SQLite, the constraint's name on PostgreSQL.
/// `None` for every other error.
#[must_use]
pub fn unique_violation(error: &Error) -> Option<&str> {
    match &db_error(error)?.kind {
        DbErrorKind::Unique { what } => Some(what),
        _ => None,
    }
}

/// What a job answers that found, after taking its locks, that what it had read before them is no longer so: it is run
/// again, as after a conflict of the engine's own.
#[must_use]
pub fn lost_race() -> Error {
    DbError::error(DbErrorKind::Conflict, "what was read before the locks changed while they were taken")
}

/// Whether [`lost_race`] made `error`, or the engine for the same cause.
pub(super) fn is_lost_race(error: &Error) -> bool {
    db_error(error).is_some_and(|cause| cause.kind == DbErrorKind::Conflict)
}

/// Whether a unique index over `column` said no.
///
/// Looks for the column's name in what the engine reports, so it holds on PostgreSQL as long as the
/// index is called after its table and columns (`agents_login_key`).
#[must_use]
pub fn is_unique_violation(error: &Error, column: &str) -> bool {
    unique_violation(error).is_some_and(|what| what.contains(column))
}

/// Logs why the store can't serve, every so often: until it can, each call ends here. Answers so.
pub(super) fn busy(busy: Busy, cause: &dyn std::fmt::Display) -> Error {
    static TOLD: Seldom = Seldom::new();
    if busy == Busy::Store && TOLD.is_time() {
        tracing::error!(cause = %cause, "the store can't serve");
    }
    tracing::debug!(cause = %cause, "the store is busy");
    Error::Busy(busy)
}

/// What callers are told of a failure that ended more than their own job.
pub(super) fn as_busy(error: &Error) -> Busy {
    match error {
        Error::Busy(busy) => *busy,
        _ => Busy::Store,
    }
}

/// The text of a panic's payload.
pub(super) fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
