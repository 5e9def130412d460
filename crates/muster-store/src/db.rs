//! The seam between the desk and its database: the only module that names a driver.
//!
//! A [`Store`] has two doors that every query goes through: [`Store::write`], one durable transaction, and
//! [`Store::read`], a snapshot ([`Store::scan`] is a second entrance for long reads). A job behind a door gets a [`Tx`]
//! and speaks one SQL text, made by [`sql!`](crate::sql), to both engines. The engines live in `sqlite` and `postgres`
//! and must not know any table.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use muster_core::{Busy, Error, Result};
use tokio::sync::watch;
use tracing::field::Empty;
use tracing::{Instrument as _, debug_span};

mod condition;
mod error;
mod job;
mod options;
mod postgres;
mod queue;
mod row;
mod serve_lock;
mod signals;
mod sql;
mod sqlite;
mod tx;
mod value;

pub use error::{DbError, DbErrorKind, db_error, is_unique_violation, lost_race, unique_violation};
pub use options::{Database, Durability, Engine, Process, StoreOptions};
pub use row::Row;
pub use serve_lock::ServeLock;
pub use sql::{Sql, SqlBuf, numbered};
pub use tx::Tx;
pub use value::{FromValue, Value, ValueRef};

use crate::metrics::{Door, Stand, StoreMetrics};
use condition::Condition;
use postgres::PostgresStore;
pub(crate) use signals::Signals;
use sqlite::SqliteStore;

/// The desk's database. Cheap to clone; all clones share threads, connections and queues.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    backend: Backend,
    database: Database,
    signals: Signals,
    condition: Condition,
    metrics: StoreMetrics,
}

#[derive(Debug)]
enum Backend {
    Sqlite(SqliteStore),
    Postgres(Box<PostgresStore>),
}

impl Store {
    /// Opens the database. Doesn't migrate it: see [`migrate`](crate::migrate::migrate).
    ///
    /// # Errors
    /// [`muster_core::Error::Internal`] with a message for the operator: no such file or server, a server older than
    /// PostgreSQL 14, a URL that asks for TLS.
    pub async fn open(options: StoreOptions) -> Result<Self> {
        let (signals, metrics) = (Signals::new(), StoreMetrics::new());
        let backend = match &options.database {
            Database::Sqlite(path) => Backend::Sqlite(SqliteStore::open(path, &options, &signals, &metrics)?),
            Database::Postgres(url) => {
                Backend::Postgres(Box::new(PostgresStore::open(url, &options, &signals, &metrics).await?))
            }
        };
        let condition = Condition::default();
        Ok(Self { inner: Arc::new(Inner { backend, database: options.database, signals, condition, metrics }) })
    }

    /// Runs `job` in one durable transaction and answers after its commit.
    ///
    /// The job may be run again if transactions got in each other's way, so it clones what it needs; ids, tokens and
    /// the time are drawn before it. It runs to its end even if the caller stops waiting. It must wait for nothing but
    /// its statements. If it returns an error, nothing of it stays.
    ///
    /// # Errors
    /// The job's own; [`Busy::QueueFull`](muster_core::Busy), `Busy::ReadOnly`, `Busy::Store` and `Busy::ShuttingDown`;
    /// [`muster_core::Error::Internal`] with a [`DbError`] if the job misbehaved.
    pub async fn write<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        if self.is_short_of_space() {
            return self.measured(Door::Write, async { Err(Error::Busy(Busy::ReadOnly)) }).await;
        }
        self.write_in_reserve(job).await
    }

    /// [`Store::write`] for what frees room, ends work or keeps the desk going, and needs little room itself: it may use
    /// the space that [`Store::guard_space`] keeps from others.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_in_reserve<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        let span = debug_span!("store.write", queue_us = Empty, commit_us = Empty);
        let written = async move {
            match &self.inner.backend {
                Backend::Sqlite(store) => store.write(job).await,
                Backend::Postgres(store) => store.write(job).await,
            }
        };
        let written = self.measured(Door::Write, written.instrument(span)).await;
        self.inner.condition.note(&written);
        written
    }

    /// From now on refuses ordinary writes as [`Busy::ReadOnly`] while less than `min_free` bytes are free on the disk of
    /// the SQLite file, which is looked at every other second. PostgreSQL's disk is its server's business.
    pub fn guard_space(&self, min_free: u64) {
        if let Backend::Sqlite(store) = &self.inner.backend {
            store.guard_space(min_free);
        }
    }

    fn is_short_of_space(&self) -> bool {
        match &self.inner.backend {
            Backend::Sqlite(store) => store.is_short_of_space(),
            Backend::Postgres(_) => false,
        }
    }

    /// Counts an answer of one of the doors.
    async fn measured<T>(&self, door: Door, answer: impl Future<Output = Result<T>>) -> Result<T> {
        let asked = Instant::now();
        let answer = answer.await;
        self.inner.metrics.answered(door, asked.elapsed(), &answer);
        answer
    }

    /// [`Store::write`] for the store's own upkeep, which a full queue must not keep away.
    pub(crate) async fn write_ahead<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite(store) => store.write(job).await,
            Backend::Postgres(store) => store.write_ahead(job).await,
        }
    }

    /// Runs `job` on a snapshot that is no older than this call. For short reads.
    ///
    /// # Errors
    /// As [`Store::write`]; [`Busy::TooSlow`](muster_core::Busy) after [`StoreOptions::deadline`].
    pub async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        let read = async move {
            match &self.inner.backend {
                Backend::Sqlite(store) => store.read(job).await,
                Backend::Postgres(store) => store.read(job).await,
            }
        };
        self.measured(Door::Read, read).await
    }

    /// [`Store::read`] for filtered lists, search, exports and reports: on threads or connections of its own, so that
    /// it can't hold up short reads.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn scan<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        let scanned = async move {
            match &self.inner.backend {
                Backend::Sqlite(store) => store.scan(job).await,
                Backend::Postgres(store) => store.scan(job).await,
            }
        };
        self.measured(Door::Scan, scanned).await
    }

    /// Runs `job` once on one state of the whole database, however long that takes, without holding anybody up.
    ///
    /// On SQLite the state is first copied to the new file `scratch`, which is removed afterwards. On PostgreSQL it is
    /// a transaction on a connection of its own.
    ///
    /// # Errors
    /// The job's own; [`muster_core::Error::Internal`] with a message for the operator if the copy can't be written.
    pub async fn snapshot<T, F>(&self, scratch: &Path, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        match (&self.inner.backend, self.file()) {
            (Backend::Postgres(store), _) => store.snapshot(job).await,
            (Backend::Sqlite(_), None) => unreachable!("the backend is made after the database"),
            (Backend::Sqlite(_), Some(file)) => {
                let (file, scratch) = (file.to_owned(), scratch.to_owned());
                let read = tokio::task::spawn_blocking(move || sqlite::snapshot(&file, &scratch, job)).await;
                read.map_err(Error::internal)?
            }
        }
    }

    /// Changes after every commit that may hold news, of this process or another. It tells that, not what: look at the
    /// tables. Several commits may show as one change.
    #[must_use]
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.inner.signals.committed()
    }

    /// How many times so far writes have stopped going through for a while.
    #[must_use]
    pub fn times_held_up(&self) -> u64 {
        self.inner.condition.times_held_up()
    }

    /// Whether a write would last now, found out by writing. Not yet in the first moments after writes have failed.
    pub async fn is_writable(&self) -> bool {
        !self.is_short_of_space() && self.has_reserve().await
    }

    /// [`Store::is_writable`] for [`Store::write_in_reserve`].
    pub async fn has_reserve(&self) -> bool {
        let probe = crate::sql!(
            sqlite: "PRAGMA user_version = 1",
            postgres: "SELECT 1 WHERE pg_current_xact_id() IS NULL",
        );
        let written = self.write_in_reserve(move |tx| {
            Box::pin(async move {
                tx.keep_quiet();
                tx.execute(probe, &[]).await
            })
        });
        written.await.is_ok() && self.inner.condition.is_good()
    }

    /// Refuses further jobs, runs those that wait, and lets the database go.
    pub async fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite(store) => store.close().await,
            Backend::Postgres(store) => store.close().await,
        }
    }

    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// Claims the right to serve this desk, for as long as the returned lock lives.
    ///
    /// # Errors
    /// [`DbErrorKind::Served`] with a message for the operator if another process has it.
    pub async fn try_serve_lock(&self) -> Result<ServeLock> {
        match (&self.inner.backend, &self.inner.database) {
            (Backend::Postgres(store), _) => ServeLock::postgres(store).await,
            (Backend::Sqlite(_), Database::Sqlite(path)) => ServeLock::sqlite(path),
            (Backend::Sqlite(_), Database::Postgres(_)) => unreachable!("the backend is made after the database"),
        }
    }

    /// The SQLite file; `None` on PostgreSQL.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.inner.database {
            Database::Sqlite(path) => Some(path),
            Database::Postgres(_) => None,
        }
    }

    /// Writes a consistent copy of the SQLite file to the new file `to`, also while it is in use.
    ///
    /// # Errors
    /// [`muster_core::Error::Internal`] with a message for the operator: there is no file because the desk is on
    /// PostgreSQL, or the copy could not be written.
    pub async fn copy_to(&self, to: &Path) -> Result<()> {
        let Some(from) = self.file() else {
            return Err(DbError::error(
                DbErrorKind::Other,
                "a desk on PostgreSQL has no file to copy: `muster backup` writes one",
            ));
        };
        let (from, to) = (from.to_owned(), to.to_owned());
        let copied = tokio::task::spawn_blocking(move || sqlite::copy(&from, &to)).await;
        copied.map_err(Error::internal)?
    }

    /// Makes what was deleted or overwritten vanish from the files, as far as the engine lets it. SQLite: what the log
    /// holds goes to the database file, where it overwrites what stood there, and the log is emptied. PostgreSQL: the old
    /// versions of these tables' rows are given up, and their place is used again.
    ///
    /// # Errors
    /// [`muster_core::Error::Internal`] while somebody still reads from the log; as [`Store::write`].
    pub async fn scrub(&self, tables: &[&str]) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(_) => {
                let Some(file) = self.file().map(Path::to_owned) else { return Ok(()) };
                let emptied = tokio::task::spawn_blocking(move || sqlite::empty_log(&file)).await;
                emptied.map_err(Error::internal)?
            }
            Backend::Postgres(store) => store.vacuum(tables).await,
        }
    }

    #[must_use]
    pub fn metrics(&self) -> &StoreMetrics {
        &self.inner.metrics
    }

    /// Notes in the numbers how the doors are doing now.
    pub fn look_at_doors(&self) {
        for door in Door::ALL {
            let stand: Stand = match &self.inner.backend {
                Backend::Sqlite(store) => store.stand(door),
                Backend::Postgres(store) => store.stand(door),
            };
            self.inner.metrics.stand(door, stand);
        }
    }

    pub(crate) fn signals(&self) -> &Signals {
        &self.inner.signals
    }

    /// Keeps `task` running until the store is closed. Nothing to do on SQLite, which needs no background tasks.
    pub(crate) fn run_beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Backend::Postgres(store) = &self.inner.backend {
            store.run_beside(task);
        }
    }
}
