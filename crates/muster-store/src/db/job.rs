//! Jobs for the database threads of SQLite: futures that end at their first poll.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use muster_core::{Busy, Error, Result};
use tokio::sync::oneshot;
use tracing::Span;

use super::error::{DbError, DbErrorKind, panic_text};
use super::tx::Tx;

/// A job whose result type has been hidden, so that jobs of all kinds wait in one queue.
pub(super) trait Job: Send {
    /// Runs the job and keeps its outcome. True if the job succeeded, so that its changes should stay.
    fn run(&mut self, tx: &mut Tx) -> bool;

    /// Why the job has to be tried later, if that is how it ended.
    fn busy(&self) -> Option<Busy>;

    /// What the job was handed in with.
    fn ticket(&self) -> &Ticket;

    /// Whether nobody waits for the outcome any more.
    fn is_abandoned(&self) -> bool;

    /// Sends the outcome to the caller; `lost` replaces a success that did not last.
    fn answer(self: Box<Self>, lost: Option<Busy>);
}

/// When a job was handed in, and the span it belongs to.
#[derive(Debug)]
pub(super) struct Ticket {
    queued: Instant,
    span: Span,
}

impl Ticket {
    /// Of whoever asks now.
    pub(super) fn now() -> Self {
        Self { queued: Instant::now(), span: Span::current() }
    }

    /// Notes that the job's turn has come, and tells how long it waited.
    pub(super) fn start(&self) -> Duration {
        let waited = self.queued.elapsed();
        self.span.record("queue_us", micros(waited));
        waited
    }

    /// Notes how long the commit took that the job shared.
    pub(super) fn committed(&self, took: Duration) {
        self.span.record("commit_us", micros(took));
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Makes a job of a caller's function; the outcome arrives at the receiver.
pub(super) fn job<T, F>(work: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    (Box::new(Call { work, outcome: None, reply, ticket: Ticket::now() }), receiver)
}

struct Call<T, F> {
    work: F,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
    ticket: Ticket,
}

impl<T, F> Job for Call<T, F>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let _inside = self.ticket.span.enter();
        tx.start_job();
        let polled = catch_unwind(AssertUnwindSafe(|| (self.work)(tx).now_or_never()));
        let outcome = match polled {
            Ok(Some(outcome)) => tx.settle(outcome),
            Ok(None) => Err(DbError::error(DbErrorKind::Job, "the job waited for something that is not the database")),
            Err(payload) => {
                Err(DbError::error(DbErrorKind::Job, format!("the job panicked: {}", panic_text(payload.as_ref()))))
            }
        };
        self.outcome.insert(outcome).is_ok()
    }

    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn busy(&self) -> Option<Busy> {
        match self.outcome {
            Some(Err(Error::Busy(busy))) => Some(busy),
            _ => None,
        }
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn answer(self: Box<Self>, lost: Option<Busy>) {
        let outcome = match (self.outcome, lost) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), None) => Ok(value),
            (Some(Ok(_)) | None, Some(busy)) => Err(Error::Busy(busy)),
            (None, None) => Err(DbError::error(DbErrorKind::Job, "the job was never run")),
        };
        // A caller that has hung up has no use for the outcome.
        drop(self.reply.send(outcome));
    }
}
