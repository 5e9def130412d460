//! Jobs at work: claimed in one transaction, done outside any, finished in another.
//!
//! Only jobs with a registered handler are claimed; the others wait for the one that will know them. Handlers must be
//! idempotent: a job whose process died is done again.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use muster_core::actor::Caller;
use muster_core::{Error, Result, Timestamp};
use muster_store::jobs::{self, Job};
use tokio::sync::Notify;

use crate::App;
use crate::runtime::{Backoff, Task};

/// Jobs done at the same time.
const AT_ONCE: i64 = 8;
/// How long a claim holds.
const HOLD: Duration = Duration::from_secs(5 * 60);
/// How long a handler may take; less than its claim holds.
const LIMIT: Duration = Duration::from_secs(4 * 60);
/// After so many tries a job is dead.
pub const TRIES: u32 = 10;

type Handler = Arc<dyn Fn(App, Job) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Who does which jobs.
pub(crate) struct Handlers {
    by_name: Mutex<BTreeMap<&'static str, Handler>>,
    registered: Notify,
}

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Handlers").field(&self.names()).finish()
    }
}

impl Handlers {
    pub(crate) fn new() -> Self {
        Self { by_name: Mutex::new(BTreeMap::new()), registered: Notify::new() }
    }

    fn names(&self) -> Vec<&'static str> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    fn get(&self, name: &str) -> Option<Handler> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

/// How long a job rests after its try number `attempt` has failed: 15 s, 30 s, 1 min … 64 min.
fn rest(attempt: u32) -> Duration {
    Duration::from_secs(15) * 2_u32.pow(attempt.saturating_sub(1).min(8))
}

impl App {
    /// Registers who does the jobs called `name`. An error that the handler returns is kept with the job, so it must
    /// not hold secrets.
    pub fn on_job<F>(&self, name: &'static str, handler: F)
    where
        F: Fn(Self, Job) -> BoxFuture<'static, Result<()>> + Send + Sync + 'static,
    {
        let handlers = &self.inner.runtime.handlers;
        handlers.by_name.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::new(handler));
        self.inner.runtime.progress.busy(Task::Jobs);
        handlers.registered.notify_one();
    }
}

pub(crate) async fn run(app: App) {
    let runtime = &app.inner.runtime;
    let mut followed = runtime.followed.subscribe();
    let mut backoff = Backoff::new();
    while !app.inner.stop.is_cancelled() {
        let position = *followed.borrow_and_update();
        let next = match work_off(&app).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(error = ?error, "jobs can't be read or written; trying again");
                backoff.pause().await;
                continue;
            }
        };
        backoff.reset();
        runtime.progress.idle(Task::Jobs, position, next);
        tokio::select! {
            () = app.inner.stop.cancelled() => {}
            () = runtime.handlers.registered.notified() => {}
            woken = followed.changed() => if woken.is_err() { return },
            () = app.sleep_until(next) => {}
        }
        runtime.progress.busy(Task::Jobs);
    }
}

/// Does what is due, and tells when there is more to do.
async fn work_off(app: &App) -> Result<Option<Timestamp>> {
    loop {
        let names: Arc<[&'static str]> = app.inner.runtime.handlers.names().into();
        let next = next_due(app, Arc::clone(&names)).await?;
        if next.is_none_or(|at| at > app.now()) || app.inner.stop.is_cancelled() {
            return Ok(next);
        }
        let claimed = claim(app, names).await?;
        for settled in join_all(claimed.into_iter().map(|job| attempt(app, job))).await {
            settled?;
        }
    }
}

async fn next_due(app: &App, names: Arc<[&'static str]>) -> Result<Option<Timestamp>> {
    if names.is_empty() {
        return Ok(None);
    }
    app.read(move |tx| {
        let names = Arc::clone(&names);
        Box::pin(async move { jobs::next_due(tx, &names).await })
    })
    .await
}

async fn claim(app: &App, names: Arc<[&'static str]>) -> Result<Vec<Job>> {
    app.write(&Caller::system(), move |work| {
        let names = Arc::clone(&names);
        Box::pin(async move {
            work.tx.keep_quiet();
            jobs::claim(work.tx, &names, work.now, HOLD, AT_ONCE).await
        })
    })
    .await
}

/// How an attempt at a job ended.
#[derive(Clone)]
enum Outcome {
    Done,
    /// With a text for the operator.
    Failed(Arc<str>),
    /// The desk was stopped meanwhile.
    Stopped,
}

async fn attempt(app: &App, job: Job) -> Result<()> {
    let outcome = perform(app, &job).await;
    if let Outcome::Failed(error) = &outcome {
        tracing::warn!(job.id = %job.id, job.name = job.name, job.attempt, %error, "a job failed");
    }
    let job = Arc::new(job);
    app.write(&Caller::system(), move |work| {
        let (job, outcome) = (Arc::clone(&job), outcome.clone());
        Box::pin(async move {
            match outcome {
                Outcome::Done => jobs::finish(work.tx, &job, work.now).await,
                Outcome::Failed(error) => {
                    let again = (job.attempt < TRIES).then(|| work.now + rest(job.attempt));
                    jobs::fail(work.tx, &job, &error, again, work.now).await
                }
                Outcome::Stopped => jobs::fail(work.tx, &job, "the desk was stopped", Some(work.now), work.now).await,
            }
        })
    })
    .await
    .map(drop)
}

async fn perform(app: &App, job: &Job) -> Outcome {
    let Some(handler) = app.inner.runtime.handlers.get(&job.name) else { return Outcome::Stopped };
    let done = AssertUnwindSafe(async { handler(app.clone(), job.clone()).await }).catch_unwind();
    tokio::select! {
        () = app.inner.stop.cancelled() => Outcome::Stopped,
        done = tokio::time::timeout(LIMIT, done) => match done {
            Ok(Ok(Ok(()))) => Outcome::Done,
            Ok(Ok(Err(error))) => Outcome::Failed(text(&error).into()),
            Ok(Err(_)) => Outcome::Failed("the handler panicked".into()),
            Err(_) => Outcome::Failed("the handler took too long".into()),
        },
    }
}

/// An error with its causes.
fn text(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
