//! SQLite's errors in the desk's terms.

use muster_core::{Busy, Error};
use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::db::error::{DbError, DbErrorKind, busy};

pub(super) fn translate(error: &rusqlite::Error) -> Error {
    if error.sqlite_extended_error_code() == Some(ffi::SQLITE_IOERR_SHMSIZE) {
        // The log's index could not grow: the disk is full.
        return busy(Busy::ReadOnly, error);
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => Error::Busy(Busy::TooSlow),
        Some(ErrorCode::DiskFull | ErrorCode::ReadOnly) => busy(Busy::ReadOnly, error),
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseBusy
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::FileLockingProtocolFailed,
        ) => busy(Busy::Store, error),
        _ => DbError::error(kind(error), error.to_string()),
    }
}

fn kind(error: &rusqlite::Error) -> DbErrorKind {
    match error.sqlite_extended_error_code() {
        Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID) => {
            DbErrorKind::Unique { what: violated(&error.to_string()) }
        }
        Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => DbErrorKind::ForeignKey,
        Some(ffi::SQLITE_CONSTRAINT_NOTNULL) => DbErrorKind::NotNull,
        Some(ffi::SQLITE_CONSTRAINT_CHECK) => DbErrorKind::Check,
        _ => DbErrorKind::Other,
    }
}

/// `UNIQUE constraint failed: agents.login_key` names what it is about after the colon.
fn violated(message: &str) -> String {
    message.rsplit_once(": ").map_or(message, |(_, what)| what).to_owned()
}
