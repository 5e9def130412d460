//! One process serves a desk.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use muster_core::{Error, Result};
use tokio::sync::watch;

use super::error::{DbError, DbErrorKind};
use super::postgres::PostgresStore;

/// The right to serve this desk. Dropping it lets another process serve.
#[derive(Debug)]
pub struct ServeLock(Held);

#[derive(Debug)]
enum Held {
    /// The operating system lets go of it when the process ends, however it ends.
    File(#[expect(dead_code, reason = "held for its lock")] File),
    /// A session of PostgreSQL holds it; the sender ends the task that keeps the session.
    Session { keeper: watch::Receiver<bool>, _stop: tokio_util::sync::DropGuard },
}

impl ServeLock {
    pub(super) fn sqlite(database: &Path) -> Result<Self> {
        let path = database.with_file_name("muster.lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(Error::internal)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Held::File(file))),
            Err(TryLockError::WouldBlock) => Err(served(&format!("holds {}", path.display()))),
            Err(TryLockError::Error(error)) => Err(Error::internal(error)),
        }
    }

    pub(super) async fn postgres(store: &PostgresStore) -> Result<Self> {
        let (keeper, stop) = store.hold_serve_lock().await?;
        Ok(Self(Held::Session { keeper, _stop: stop }))
    }

    /// Waits until the lock is lost to another process, which can only happen after PostgreSQL was away. The desk must
    /// stop serving then.
    pub async fn lost(&mut self) {
        match &mut self.0 {
            Held::File(_) => std::future::pending().await,
            // The task ends without a word only when the store is closed.
            Held::Session { keeper, .. } => {
                if keeper.wait_for(|lost| *lost).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

pub(super) fn served(how: &str) -> Error {
    DbError::error(
        DbErrorKind::Served,
        format!(
            "this desk is served by another process already, which {how}; one desk is served by one process at a time"
        ),
    )
}
