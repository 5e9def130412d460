//! Reading one state of the whole database for as long as it takes.
//!
//! A long reading transaction would keep the write-ahead log from being emptied, so what is read is a copy.

use std::path::Path;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use muster_core::Result;

use super::connection::{copy_unnamed, open_copy};
use super::transaction::SqliteTx;
use crate::db::error::{DbError, DbErrorKind};
use crate::db::tx::{Driver, Tx};

/// Copies the database to `scratch`, runs `work` on the copy, and removes it.
pub(in crate::db) fn snapshot<T, F>(database: &Path, scratch: &Path, work: F) -> Result<T>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>>,
{
    let _removed = Removed(scratch);
    copy_unnamed(database, scratch)?;
    let mut tx = Tx::new(Driver::Sqlite(SqliteTx::new(open_copy(scratch)?, None)));
    let waited = || DbError::error(DbErrorKind::Job, "the job waited for something that is not the database");
    let outcome = work(&mut tx).now_or_never().unwrap_or_else(|| Err(waited()));
    tx.settle(outcome)
}

/// Removes a file, if it is there, when this is dropped.
struct Removed<'p>(&'p Path);

impl Drop for Removed<'_> {
    fn drop(&mut self) {
        drop(std::fs::remove_file(self.0));
    }
}
