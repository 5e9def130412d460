//! Group commit: whatever waits is written in one transaction, committed once, and only then answered.

use std::time::Instant;

use muster_core::{Busy, Result};
use rusqlite::Connection;

use super::transaction::SqliteTx;
use crate::db::error::as_busy;
use crate::db::job::Job;
use crate::db::queue::Queue;
use crate::db::signals::Signals;
use crate::db::tx::{Driver, Tx};
use crate::metrics::{Door, StoreMetrics};

/// Serves the queue until it is closed and empty.
pub(super) fn run(
    jobs: &Queue<Box<dyn Job>>,
    connection: Connection,
    batch: usize,
    signals: &Signals,
    metrics: &StoreMetrics,
) {
    let mut tx = Tx::new(Driver::Sqlite(SqliteTx::new(connection, None)));
    while let Some(mut jobs) = jobs.take(batch, 1) {
        metrics.batch(jobs.len());
        jobs.iter().for_each(|job| metrics.waited(Door::Write, job.ticket().start()));
        let written = write(&mut tx, &mut jobs, metrics);
        if matches!(written, Ok(Wake::Yes)) {
            signals.wrote();
        }
        let lost = written.err();
        for job in jobs {
            job.answer(lost);
        }
    }
}

/// Whether a batch holds something that others wait for.
enum Wake {
    Yes,
    No,
}

/// Runs the jobs in one transaction and commits it. An error means that none of them lasted.
fn write(tx: &mut Tx, jobs: &mut [Box<dyn Job>], metrics: &StoreMetrics) -> Result<Wake, Busy> {
    command(tx, "BEGIN IMMEDIATE")?;
    let written = run_all(tx, jobs).and_then(|wake| commit(tx, jobs, metrics).map(|()| wake));
    if written.is_err() && sqlite(tx).is_open() {
        command(tx, "ROLLBACK")?;
    }
    written
}

fn run_all(tx: &mut Tx, jobs: &mut [Box<dyn Job>]) -> Result<Wake, Busy> {
    let mut wake = Wake::No;
    for job in jobs {
        let before = sqlite(tx).changes();
        if run_one(tx, job.as_mut())? && !tx.is_quiet() && sqlite(tx).changes() != before {
            wake = Wake::Yes;
        }
    }
    Ok(wake)
}

/// Runs one job in a savepoint, which is undone if it fails. True if its changes stay.
///
/// An error means that the whole transaction is lost: SQLite ends it by itself when the disk is full or memory is out.
fn run_one(tx: &mut Tx, job: &mut dyn Job) -> Result<bool, Busy> {
    command(tx, "SAVEPOINT job")?;
    let succeeded = job.run(tx);
    if !sqlite(tx).is_open() {
        return Err(job.busy().unwrap_or(Busy::Store));
    }
    if !succeeded {
        command(tx, "ROLLBACK TO job")?;
    }
    command(tx, "RELEASE job")?;
    Ok(succeeded)
}

fn commit(tx: &mut Tx, jobs: &[Box<dyn Job>], metrics: &StoreMetrics) -> Result<(), Busy> {
    let begun = Instant::now();
    command(tx, "COMMIT")?;
    let took = begun.elapsed();
    metrics.committed(took);
    jobs.iter().for_each(|job| job.ticket().committed(took));
    Ok(())
}

fn command(tx: &mut Tx, text: &'static str) -> Result<(), Busy> {
    sqlite(tx).command(text).map_err(|error| {
        tracing::debug!(command = text, error = ?error, "the database took no writes");
        as_busy(&error)
    })
}

fn sqlite(tx: &mut Tx) -> &mut SqliteTx {
    match tx.driver() {
        Driver::Sqlite(tx) => tx,
        Driver::Postgres(_) => unreachable!("this thread was given a SQLite connection"),
    }
}
