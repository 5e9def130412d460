//! SQLite: one thread that writes, some that read, one that keeps house.
//!
//! Start reading at [`writer`], the group commit. Connections and their settings are made in [`connection`].

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures_util::future::BoxFuture;
use muster_core::{Error, Result};

use super::error::{DbError, DbErrorKind};
use super::job::{Job, job};
use super::queue::Queue;
use super::signals::Signals;
use super::tx::Tx;
use super::{Process, StoreOptions};
use crate::metrics::{Door, Stand, StoreMetrics};

mod connection;
mod deadline;
mod error;
mod keeper;
mod reader;
mod snapshot;
mod space;
mod transaction;
mod writer;

pub(super) use connection::{copy, empty_log};
pub(super) use snapshot::snapshot;
pub(super) use transaction::SqliteTx;

/// Threads that serve `scan`.
const SCANNERS: usize = 2;
/// The most short reads that share a snapshot.
const READ_BATCH: usize = 16;

type Jobs = Arc<Queue<Box<dyn Job>>>;

#[derive(Debug)]
pub(super) struct SqliteStore {
    writes: Jobs,
    reads: Jobs,
    scans: Jobs,
    keeper: keeper::Stop,
    space: Arc<space::Space>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl SqliteStore {
    pub(super) fn open(path: &Path, options: &StoreOptions, signals: &Signals, metrics: &StoreMetrics) -> Result<Self> {
        connection::prepare_file(path, options.process == Process::Serve)?;
        let open = |role| connection::open(path, role, options.durability);
        // The writer goes first: it switches a new file to the write-ahead log.
        let writer = open(connection::Role::Writer)?;
        if let Some(bytes) = options.max_size {
            connection::limit_size(&writer, bytes)?;
        }
        let store = Self {
            writes: Arc::new(Queue::new(options.queue)),
            reads: Arc::new(Queue::new(options.queue)),
            scans: Arc::new(Queue::new(options.queue)),
            keeper: keeper::Stop::new(),
            space: Arc::new(space::Space::around(path)),
            threads: Mutex::new(Vec::new()),
        };
        let (jobs, batch) = (Arc::clone(&store.writes), options.batch);
        let (woken, counted) = (signals.clone(), metrics.clone());
        store.start("writer", move || writer::run(&jobs, writer, batch, &woken, &counted))?;
        for _ in 0..options.readers.max(1) {
            let share = reader::Share { door: Door::Read, most: READ_BATCH, threads: options.readers };
            store.start_reader(&store.reads, open(connection::Role::Reader)?, share, options, metrics)?;
        }
        for _ in 0..SCANNERS {
            let share = reader::Share { door: Door::Scan, most: 1, threads: SCANNERS };
            store.start_reader(&store.scans, open(connection::Role::Reader)?, share, options, metrics)?;
        }
        let keeper = open(connection::Role::Keeper)?;
        let keeper = keeper::Keeper::new(keeper, options.process, signals.clone(), Arc::clone(&store.space));
        let stop = store.keeper.clone();
        store.start("keeper", move || keeper.run(&stop))?;
        Ok(store)
    }

    fn start_reader(
        &self,
        jobs: &Jobs,
        connection: rusqlite::Connection,
        share: reader::Share,
        options: &StoreOptions,
        metrics: &StoreMetrics,
    ) -> Result<()> {
        let (jobs, deadline, metrics) = (Arc::clone(jobs), options.deadline, metrics.clone());
        let name = if share.door == Door::Scan { "scanner" } else { "reader" };
        self.start(name, move || reader::run(&jobs, connection, share, deadline, metrics))
    }

    pub(super) fn stand(&self, door: Door) -> Stand {
        let jobs = match door {
            Door::Write => &self.writes,
            Door::Read => &self.reads,
            Door::Scan => &self.scans,
        };
        Stand { waiting: jobs.len(), connections: None }
    }

    /// Starts a thread without which the desk can't go on: if it panics, the process ends.
    fn start(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let guarded = move || {
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err() {
                tracing::error!("a database thread died, and the process with it");
                std::process::abort();
            }
        };
        let thread = std::thread::Builder::new().name(format!("sqlite-{name}")).spawn(guarded);
        let thread = thread.map_err(Error::internal)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    pub(super) fn guard_space(&self, min_free: u64) {
        self.space.guard(min_free);
    }

    pub(super) fn is_short_of_space(&self) -> bool {
        self.space.is_short()
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        call(&self.writes, work).await
    }

    pub(super) async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        call(&self.reads, work).await
    }

    pub(super) async fn scan<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        call(&self.scans, work).await
    }

    fn close_queues(&self) {
        for jobs in [&self.writes, &self.reads, &self.scans] {
            jobs.close();
        }
    }

    /// Runs what waits, ends the threads and empties the write-ahead log.
    pub(super) async fn close(&self) {
        self.close_queues();
        let mut threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let stop = self.keeper.clone();
        let joined = tokio::task::spawn_blocking(move || {
            // The keeper was started last, and its last checkpoint comes after the last write.
            let keeper = threads.pop();
            threads.into_iter().for_each(join);
            stop.stop();
            keeper.into_iter().for_each(join);
        });
        if let Err(error) = joined.await {
            tracing::error!(error = %error, "the database threads could not be joined");
        }
    }
}

/// A thread that panicked has ended the process already.
fn join(thread: JoinHandle<()>) {
    drop(thread.join());
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close_queues();
        self.keeper.stop();
    }
}

async fn call<T, F>(jobs: &Jobs, work: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    let (job, outcome) = job(work);
    jobs.push(job).map_err(Error::Busy)?;
    let lost = |_| DbError::error(DbErrorKind::Job, "the job was dropped unanswered");
    outcome.await.map_err(lost)?
}
