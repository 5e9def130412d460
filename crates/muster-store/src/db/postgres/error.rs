//! PostgreSQL's errors in the desk's terms.

use std::error::Error as _;

use muster_core::{Busy, Error};
use tokio_postgres::error::SqlState;

use crate::db::error::{DbError, DbErrorKind, busy};

pub(super) fn translate(error: &tokio_postgres::Error, statement: &str) -> Error {
    let Some(code) = error.code() else {
        // Without a code it is the connection that failed, or a value that could not be sent.
        return if is_connection_lost(error) {
            busy(Busy::Store, &describe(error))
        } else {
            DbError::error(DbErrorKind::Shape, format!("{} in: {statement}", describe(error)))
        };
    };
    if *code == SqlState::QUERY_CANCELED {
        return Error::Busy(Busy::TooSlow);
    }
    // Nothing can be written for now: the disk is full, or this server is a standby, as after a failover.
    if *code == SqlState::DISK_FULL || *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return busy(Busy::ReadOnly, &describe(error));
    }
    if is_server_unwell(code) {
        return busy(Busy::Store, &describe(error));
    }
    DbError::error(kind(error, code), format!("{} in: {statement}", describe(error)))
}

/// Whether running the whole transaction again may help.
pub(super) fn is_conflict(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED)
}

/// Whether the connection is gone, and an open transaction with it.
pub(super) fn is_connection_lost(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        Some(code) => *code == SqlState::ADMIN_SHUTDOWN || *code == SqlState::CRASH_SHUTDOWN,
        None => error.is_closed() || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>),
    }
}

/// The error with its cause, which `Display` alone leaves out.
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(cause), _) => format!("{} ({})", cause.message(), cause.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

/// Classes 08 (connection), 53 (resources), 57P (shutting down), 58 (system).
fn is_server_unwell(code: &SqlState) -> bool {
    ["08", "53", "57P", "58"].iter().any(|class| code.code().starts_with(class))
}

fn kind(error: &tokio_postgres::Error, code: &SqlState) -> DbErrorKind {
    if *code == SqlState::UNIQUE_VIOLATION {
        let constraint = error.as_db_error().and_then(|cause| cause.constraint()).unwrap_or_default();
        return DbErrorKind::Unique { what: constraint.to_owned() };
    }
    match code {
        code if *code == SqlState::FOREIGN_KEY_VIOLATION => DbErrorKind::ForeignKey,
        code if *code == SqlState::NOT_NULL_VIOLATION => DbErrorKind::NotNull,
        code if *code == SqlState::CHECK_VIOLATION => DbErrorKind::Check,
        _ if is_conflict(error) => DbErrorKind::Conflict,
        _ => DbErrorKind::Other,
    }
}
