//! Reads: jobs that wait together share a snapshot that is opened after they have been taken, so that nobody reads a
//! state older than the own request.

use std::time::{Duration, Instant};

use muster_core::{Busy, Result};
use rusqlite::Connection;

use super::deadline::Deadline;
use super::transaction::SqliteTx;
use crate::db::error::as_busy;
use crate::db::job::Job;
use crate::db::queue::Queue;
use crate::db::tx::{Driver, Tx};
use crate::metrics::{Door, StoreMetrics};

/// Whose jobs a thread takes, and how many of those that wait at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) door: Door,
    pub(super) most: usize,
    pub(super) threads: usize,
}

/// The age after which a shared snapshot is not handed to a further job.
const SNAPSHOT_AGE: Duration = Duration::from_millis(200);

/// Serves the queue until it is closed and empty. Each job may take as long as `limit`.
pub(super) fn run(
    jobs: &Queue<Box<dyn Job>>,
    mut connection: Connection,
    share: Share,
    limit: Duration,
    metrics: StoreMetrics,
) {
    let deadline = Deadline::watching(&mut connection).expect("a connection of our own takes a progress handler");
    let tx = Tx::new(Driver::Sqlite(SqliteTx::new(connection, Some(deadline.clone()))));
    let mut reader = Reader { tx, deadline, limit, door: share.door, metrics };
    while let Some(jobs) = jobs.take(share.most, share.threads) {
        reader.read(jobs);
    }
}

struct Reader {
    tx: Tx,
    deadline: Deadline,
    limit: Duration,
    door: Door,
    metrics: StoreMetrics,
}

impl Reader {
    fn read(&mut self, jobs: Vec<Box<dyn Job>>) {
        let mut opened = None;
        for mut job in jobs {
            if job.is_abandoned() {
                continue;
            }
            self.metrics.waited(self.door, job.ticket().start());
            let lost = self.snapshot(&mut opened).and_then(|()| self.run(job.as_mut())).err();
            if lost.is_some() || job.busy() == Some(Busy::TooSlow) {
                self.end(&mut opened);
            }
            job.answer(lost);
        }
        self.end(&mut opened);
    }

    /// Makes sure that a snapshot is open and not too old.
    fn snapshot(&mut self, opened: &mut Option<Instant>) -> Result<(), Busy> {
        if opened.is_some_and(|at| at.elapsed() > SNAPSHOT_AGE) {
            self.end(opened);
        }
        if opened.is_none() {
            self.command("BEGIN")?;
            *opened = Some(Instant::now());
        }
        Ok(())
    }

    fn run(&mut self, job: &mut dyn Job) -> Result<(), Busy> {
        self.deadline.set(self.limit);
        job.run(&mut self.tx);
        self.deadline.clear();
        Ok(())
    }

    fn end(&mut self, opened: &mut Option<Instant>) {
        if opened.take().is_some() && self.sqlite().is_open() {
            // `command` logs a failure; the next `BEGIN` fails as well then, and that is answered.
            self.command("ROLLBACK").ok();
        }
    }

    fn command(&mut self, text: &'static str) -> Result<(), Busy> {
        self.sqlite().command(text).map_err(|error| {
            tracing::debug!(command = text, error = ?error, "the database could not be read");
            as_busy(&error)
        })
    }

    fn sqlite(&mut self) -> &mut SqliteTx {
        match self.tx.driver() {
            Driver::Sqlite(tx) => tx,
            Driver::Postgres(_) => unreachable!("this thread was given a SQLite connection"),
        }
    }
}
