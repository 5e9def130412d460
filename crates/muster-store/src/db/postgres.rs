//! PostgreSQL: pools of connections, each job on one of them.
//!
//! Writes run in tasks that nothing cuts short; see [`transaction`] for how a transaction begins and ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::{Object, Pool};
use futures_util::future::BoxFuture;
use muster_core::{Busy, Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError, watch};
use tokio_postgres::Config;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use tracing::{Instrument as _, Span};

use super::error::{DbError, DbErrorKind, panic_text};
use super::job::Ticket;
use super::signals::Signals;
use super::tx::{Driver, Tx};
use super::{Process, StoreOptions};
use crate::metrics::{self, Connections, Stand, StoreMetrics};

mod connect;
mod error;
mod session;
mod transaction;
mod value;

pub(super) use transaction::PgTx;
use transaction::{Kind, Outcome};

/// Connections for `scan`.
pub(super) const SCANNERS: usize = 4;
/// How often a transaction is run before its conflicts with others are given up on.
const ATTEMPTS: u32 = 5;
/// What a command's transaction notifies, and the serving process listens to.
const CHANNEL: &str = "muster_events";

#[derive(Debug)]
pub(super) struct PostgresStore {
    config: Config,
    writes: Door,
    reads: Door,
    scans: Door,
    process: Process,
    signals: Signals,
    metrics: StoreMetrics,
    deadline: Duration,
    /// Writes, which run to their end.
    running: TaskTracker,
    /// Listening and the like, which end with `closing`.
    beside: TaskTracker,
    closing: CancellationToken,
}

/// A pool and those who may wait for it.
#[derive(Debug, Clone)]
struct Door {
    kind: metrics::Door,
    pool: Pool,
    queue: Arc<Semaphore>,
}

impl PostgresStore {
    pub(super) async fn open(
        url: &str,
        options: &StoreOptions,
        signals: &Signals,
        metrics: &StoreMetrics,
    ) -> Result<Self> {
        let config = connect::parse(url, options.durability)?;
        connect::check_server(&config).await?;
        let limited = connect::with_statement_timeout(&config, options.deadline);
        let door = |kind, config: &Config, size: usize| -> Result<Door> {
            let queue = Arc::new(Semaphore::new(options.queue));
            Ok(Door { kind, pool: connect::pool(config, size)?, queue })
        };
        let store = Self {
            writes: door(metrics::Door::Write, &config, options.pool)?,
            reads: door(metrics::Door::Read, &limited, options.pool)?,
            scans: door(metrics::Door::Scan, &limited, SCANNERS.min(options.pool))?,
            config,
            process: options.process,
            signals: signals.clone(),
            metrics: metrics.clone(),
            deadline: options.deadline,
            running: TaskTracker::new(),
            beside: TaskTracker::new(),
            closing: CancellationToken::new(),
        };
        if options.process == Process::Serve {
            store.listen();
        }
        Ok(store)
    }

    /// Wakes this process when another one has written.
    fn listen(&self) {
        let (config, signals) = (self.config.clone(), self.signals.clone());
        self.run_beside(session::listen(config, CHANNEL, move || signals.wrote()));
    }

    pub(super) fn run_beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        let closing = self.closing.clone();
        self.beside.spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// Takes the serve lock in a session of its own. The receiver turns true if the lock is lost to another process; the
    /// guard gives it back.
    pub(super) async fn hold_serve_lock(&self) -> Result<(watch::Receiver<bool>, DropGuard)> {
        let stop = self.closing.child_token();
        let session = session::lock(&self.config).await?;
        let (lost, receiver) = watch::channel(false);
        let (config, stopped) = (self.config.clone(), stop.clone());
        self.run_beside(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                () = session::keep_locked(session, config, lost) => {}
            }
        });
        Ok((receiver, stop.drop_guard()))
    }

    /// Gives up old versions of these tables' rows, in a session of its own: no transaction may be open.
    pub(super) async fn vacuum(&self, tables: &[&str]) -> Result<()> {
        session::vacuum(&self.config, tables).await
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        let permit = Arc::clone(&self.writes.queue).try_acquire_owned().map_err(|error| refused(&error))?;
        self.run(Some(permit), work).await
    }

    /// Without a place in the queue.
    pub(super) async fn write_ahead<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        self.run(None, work).await
    }

    async fn run<T, F>(&self, permit: Option<OwnedSemaphorePermit>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        let writer = Writer {
            pool: self.writes.pool.clone(),
            process: self.process,
            signals: self.signals.clone(),
            metrics: self.metrics.clone(),
            ticket: Ticket::now(),
        };
        let written = async move {
            let written = writer.write(work).await;
            drop(permit);
            written
        };
        let task = self.running.spawn(written.instrument(Span::current()));
        task.await.unwrap_or_else(|error| {
            let payload = error.try_into_panic().unwrap_or_else(|error| Box::new(error.to_string()));
            Err(panicked(payload.as_ref()))
        })
    }

    pub(super) async fn read<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        self.reads.read(self.deadline, &self.metrics, work).await
    }

    pub(super) async fn scan<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        self.scans.read(self.deadline, &self.metrics, work).await
    }

    pub(super) fn stand(&self, door: metrics::Door) -> Stand {
        let door = match door {
            metrics::Door::Write => &self.writes,
            metrics::Door::Read => &self.reads,
            metrics::Door::Scan => &self.scans,
        };
        let status = door.pool.status();
        let in_use = status.size.saturating_sub(status.available);
        Stand { waiting: status.waiting, connections: Some(Connections { in_use, idle: status.available }) }
    }

    /// Runs `work` once in a reading transaction on a connection of its own, without a deadline.
    pub(super) async fn snapshot<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send,
    {
        read(get(&connect::pool(&self.config, 1)?).await?, work).await
    }

    /// Lets running jobs end and closes all connections.
    pub(super) async fn close(&self) {
        for door in [&self.writes, &self.reads, &self.scans] {
            door.queue.close();
        }
        self.running.close();
        self.running.wait().await;
        self.closing.cancel();
        self.beside.close();
        self.beside.wait().await;
        for door in [&self.writes, &self.reads, &self.scans] {
            door.pool.close();
        }
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

impl Door {
    async fn read<T, F>(&self, deadline: Duration, metrics: &StoreMetrics, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        let _permit: SemaphorePermit<'_> = self.queue.try_acquire().map_err(|error| refused(&error))?;
        // Dropped half-way, here or by its caller, a transaction closes its connection.
        let read = tokio::time::timeout(deadline, self.run(metrics, work)).await;
        read.unwrap_or(Err(Error::Busy(Busy::TooSlow)))
    }

    async fn run<T, F>(&self, metrics: &StoreMetrics, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>>,
    {
        let asked = Instant::now();
        let connection = get(&self.pool).await?;
        metrics.waited(self.kind, asked.elapsed());
        read(connection, work).await
    }
}

async fn read<T, F>(connection: Object, work: F) -> Result<T>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>>,
{
    let mut tx = Tx::new(Driver::Postgres(PgTx::new(connection, Kind::Read)));
    let outcome = work(&mut tx).await;
    let outcome = tx.settle(outcome);
    postgres(&mut tx).finish_read();
    outcome
}

/// What a write needs beside its job.
struct Writer {
    pool: Pool,
    process: Process,
    signals: Signals,
    metrics: StoreMetrics,
    ticket: Ticket,
}

impl Writer {
    /// Runs a writing job until it is committed, has failed, or was in the way of others too often.
    async fn write<T, F>(self, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>>,
    {
        let mut attempt = 1;
        loop {
            let connection = get(&self.pool).await?;
            if attempt == 1 {
                self.metrics.waited(metrics::Door::Write, self.ticket.start());
            }
            let mut tx = Tx::new(Driver::Postgres(PgTx::new(connection, Kind::Write)));
            let outcome = work(&mut tx).await;
            let outcome = tx.settle(outcome);
            match self.end(&mut tx, outcome).await {
                Outcome::Committed(value) => {
                    if !tx.is_quiet() {
                        self.signals.wrote();
                    }
                    return Ok(value);
                }
                Outcome::Retry(_) if attempt < ATTEMPTS => {
                    self.metrics.retried();
                    tokio::time::sleep(Duration::from_millis(10) * attempt).await;
                    attempt += 1;
                }
                Outcome::Retry(error) | Outcome::Failed(error) => return Err(error),
            }
        }
    }

    async fn end<T>(&self, tx: &mut Tx, outcome: Result<T>) -> Outcome<T> {
        let notify = self.process == Process::Command && !tx.is_quiet();
        let tx = postgres(tx);
        match outcome {
            Ok(value) => {
                let begun = Instant::now();
                let ended = tx.commit(value, notify.then_some(CHANNEL)).await;
                self.metrics.committed(begun.elapsed());
                self.ticket.committed(begun.elapsed());
                ended
            }
            Err(error) => tx.rollback(error).await,
        }
    }
}

async fn get(pool: &Pool) -> Result<Object> {
    pool.get().await.map_err(|error| connect::translate(&error))
}

fn postgres(tx: &mut Tx) -> &mut PgTx {
    match tx.driver() {
        Driver::Postgres(tx) => tx,
        Driver::Sqlite(_) => unreachable!("this store works on PostgreSQL"),
    }
}

fn refused(error: &TryAcquireError) -> Error {
    Error::Busy(match error {
        TryAcquireError::Closed => Busy::ShuttingDown,
        TryAcquireError::NoPermits => Busy::QueueFull,
    })
}

fn panicked(payload: &(dyn std::any::Any + Send)) -> Error {
    DbError::error(DbErrorKind::Job, format!("the job panicked: {}", panic_text(payload)))
}
