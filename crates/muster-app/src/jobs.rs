//! Jobs at work: claimed in one transaction, done outside any, finished in another.
//!
//! Only jobs with a registered handler are claimed; the others wait for the one that will know them. Handlers must be
//! idempotent: a job whose process died is done again.

mod list;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use muster_core::actor::Caller;
use muster_core::{Error, Result, Timestamp};
use muster_store::jobs::{self, Job};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tracing::{Instrument as _, info_span};

use crate::runtime::{Backoff, Task};
use crate::{App, Work};

pub use list::JobView;

/// Jobs of one name done at the same time: slow ones never keep those of another name waiting.
const AT_ONCE: usize = 4;
/// How long a claim holds.
const HOLD: Duration = Duration::from_secs(5 * 60);
/// How long a handler may take; less than its claim holds.
const LIMIT: Duration = Duration::from_secs(4 * 60);
/// After so many tries a job is dead.
pub const TRIES: u32 = 10;

/// Why a job was not done. The text is kept with the job and shown to administrators, so it must not hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobFailure {
    /// May succeed later: the job rests and is tried again.
    Again(String),
    /// Can't ever succeed: the job is dead.
    Never(String),
}

impl From<Error> for JobFailure {
    fn from(error: Error) -> Self {
        Self::Again(text(&error))
    }
}

/// How a handler ends.
pub type JobResult = Result<(), JobFailure>;

type Handler = Arc<dyn Fn(App, Job) -> BoxFuture<'static, JobResult> + Send + Sync>;

/// Who does the jobs of one name.
#[derive(Clone)]
struct Worker {
    handler: Handler,
    /// After how long the one job of this name, when done, is due again; `None`: never.
    every: Option<Duration>,
    /// Whether it is done also while the desk is read-only for lack of space.
    in_reserve: bool,
}

/// Who does which jobs.
pub(crate) struct Workers {
    known: Mutex<Known>,
    registered: Notify,
}

#[derive(Default)]
struct Known {
    by_name: BTreeMap<&'static str, Worker>,
    /// How often somebody was registered, or told of work.
    count: u64,
}

impl std::fmt::Debug for Workers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Workers").field(&self.names()).finish()
    }
}

impl Workers {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::default(), registered: Notify::new() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn names(&self) -> Vec<&'static str> {
        self.known().by_name.keys().copied().collect()
    }

    fn get(&self, name: &str) -> Option<Worker> {
        self.known().by_name.get(name).cloned()
    }

    fn count(&self) -> u64 {
        self.known().count
    }
}

/// How long a job rests after its try number `attempt` has failed: 15 s, 30 s, 1 min … 64 min.
fn rest(attempt: u32) -> Duration {
    Duration::from_secs(15) * 2_u32.pow(attempt.saturating_sub(1).min(8))
}

impl App {
    /// Registers who does the jobs called `name`.
    pub fn on_job<F>(&self, name: &'static str, handler: F)
    where
        F: Fn(Self, Job) -> BoxFuture<'static, JobResult> + Send + Sync + 'static,
    {
        self.register(name, Worker { handler: Arc::new(handler), every: None, in_reserve: false });
    }

    /// [`Self::on_job`] for jobs that make room.
    pub(crate) fn on_freeing_job<F>(&self, name: &'static str, handler: F)
    where
        F: Fn(Self, Job) -> BoxFuture<'static, JobResult> + Send + Sync + 'static,
    {
        self.register(name, Worker { handler: Arc::new(handler), every: None, in_reserve: true });
    }

    /// Registers what is done again and again: for the first time at once, and each time `every` after it was done. Its
    /// one job never dies: after a failure it rests as others do, but never longer than `every`; after one that can't
    /// be mended by trying, just that long. A restart goes on where the desk was stopped.
    ///
    /// # Errors
    /// Those of the store; then nothing is registered.
    pub async fn on_recurring<F>(&self, name: &'static str, every: Duration, handler: F) -> Result<()>
    where
        F: Fn(Self, Job) -> BoxFuture<'static, JobResult> + Send + Sync + 'static,
    {
        self.write_in_reserve(&Caller::system(), move |work| {
            Box::pin(async move {
                work.tx.keep_quiet();
                jobs::save_recurring(work.tx, name, every, work.now).await
            })
        })
        .await?;
        self.register(name, Worker { handler: Arc::new(handler), every: Some(every), in_reserve: true });
        Ok(())
    }

    /// Has the jobs looked through for what was written without an event. For the process that serves.
    pub(crate) fn look_for_jobs(&self) {
        let workers = &self.inner.runtime.workers;
        let mut known = workers.known();
        known.count += 1;
        self.inner.runtime.progress.busy(Task::Jobs);
        drop(known);
        workers.registered.notify_one();
    }

    fn register(&self, name: &'static str, worker: Worker) {
        self.inner.runtime.workers.known().by_name.insert(name, worker);
        self.look_for_jobs();
    }
}

/// Takes back what a process that served before had in hand when it died. Only one process serves a desk.
pub(crate) async fn release(app: &App) -> Result<()> {
    app.write_in_reserve(&Caller::system(), |work| {
        Box::pin(async move {
            work.tx.keep_quiet();
            jobs::release(work.tx).await
        })
    })
    .await
}

pub(crate) async fn run(app: App) {
    let runtime = &app.inner.runtime;
    let mut followed = runtime.followed.subscribe();
    let mut backoff = Backoff::of("jobs");
    let mut running = Running::default();
    while !app.inner.stop.is_cancelled() {
        let position = *followed.borrow_and_update();
        let count = runtime.workers.count();
        let next = match running.fill(&app).await {
            Ok(next) => next,
            Err(error) => {
                tokio::select! {
                    () = backoff.held_up(&error) => {}
                    () = running.ended() => {}
                }
                continue;
            }
        };
        backoff.reset();
        if running.is_empty() {
            idle(&app, position, next, count);
        }
        tokio::select! {
            () = app.inner.stop.cancelled() => {}
            () = runtime.workers.registered.notified() => {}
            woken = followed.changed() => if woken.is_err() { return },
            () = running.ended() => {}
            () = app.sleep_until(next) => {}
        }
        runtime.progress.busy(Task::Jobs);
    }
}

/// Says that there is nothing to do before `next`, unless somebody was registered since there were `count` of them.
fn idle(app: &App, position: i64, next: Option<Timestamp>, count: u64) {
    let known = app.inner.runtime.workers.known();
    if known.count == count {
        app.inner.runtime.progress.idle(Task::Jobs, position, next);
    }
}

/// The jobs in hand.
#[derive(Default)]
struct Running {
    attempts: FuturesUnordered<JoinHandle<&'static str>>,
    by_name: BTreeMap<&'static str, usize>,
}

impl Running {
    fn is_empty(&self) -> bool {
        self.attempts.is_empty()
    }

    fn room(&self, name: &str) -> usize {
        AT_ONCE.saturating_sub(self.by_name.get(name).copied().unwrap_or(0))
    }

    /// Completes when a job has come to its end; never while there is none.
    async fn ended(&mut self) {
        match self.attempts.next().await {
            Some(ended) => {
                let name = ended.expect("an attempt neither panics nor is aborted");
                self.by_name.entry(name).and_modify(|count| *count -= 1);
            }
            None => std::future::pending().await,
        }
    }

    /// Begins what is due as far as there is room, and tells when there will be more of what has room. A name whose jobs
    /// can't be taken now holds up no other.
    async fn fill(&mut self, app: &App) -> Result<Option<Timestamp>> {
        loop {
            let roomy = app.inner.runtime.workers.names().into_iter().filter(|name| self.room(name) > 0).collect();
            let due = next_due(app, roomy).await?;
            let ripe: Vec<_> = due.iter().filter(|(_, at)| *at <= app.now()).map(|(name, _)| *name).collect();
            if ripe.is_empty() || app.inner.stop.is_cancelled() {
                return Ok(due.iter().map(|(_, at)| *at).min());
            }
            let mut held_up = Ok(());
            for name in ripe {
                if let Err(error) = self.begin(app, name).await {
                    held_up = Err(error);
                }
            }
            held_up?;
        }
    }

    async fn begin(&mut self, app: &App, name: &'static str) -> Result<()> {
        for job in claim(app, name, self.room(name)).await? {
            let app = app.clone();
            let tasks = app.inner.tasks.clone();
            *self.by_name.entry(name).or_default() += 1;
            self.attempts.push(tasks.spawn(async move {
                attempt(&app, job).await;
                name
            }));
        }
        Ok(())
    }
}

/// When the next job of each of these names may be claimed.
async fn next_due(app: &App, names: Vec<&'static str>) -> Result<Vec<(&'static str, Timestamp)>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let names: Arc<[&'static str]> = names.into();
    app.read(move |tx| {
        let names = Arc::clone(&names);
        Box::pin(async move { jobs::next_due(tx, &names).await })
    })
    .await
}

/// While the desk is read-only for lack of space, only what makes room or recurs is done: the latter never dies of failing.
async fn claim(app: &App, name: &'static str, limit: usize) -> Result<Vec<Job>> {
    let in_reserve = app.inner.runtime.workers.get(name).is_some_and(|worker| worker.in_reserve);
    if in_reserve {
        app.write_in_reserve(&Caller::system(), move |work| Box::pin(claim_due(work, name, limit))).await
    } else {
        app.write(&Caller::system(), move |work| Box::pin(claim_due(work, name, limit))).await
    }
}

async fn claim_due(work: &mut Work<'_>, name: &str, limit: usize) -> Result<Vec<Job>> {
    work.tx.keep_quiet();
    jobs::claim(work.tx, name, work.now, HOLD, limit).await
}

/// How an attempt at a job ended.
#[derive(Debug)]
enum Outcome {
    Done,
    Failed(JobFailure),
    /// The desk was stopped meanwhile.
    Stopped,
}

impl Outcome {
    /// For the metrics.
    fn word(&self, job: &Job, every: Option<Duration>) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed(failure) if verdict(failure, job.attempt, every).1.is_some() => "failed",
            Self::Failed(_) => "dead",
            Self::Stopped => "stopped",
        }
    }
}

async fn attempt(app: &App, job: Job) {
    let span = info_span!(parent: None, "job", job.name = job.name, job.id = %job.id, job.attempt);
    attempt_inside(app, job).instrument(span).await;
}

async fn attempt_inside(app: &App, job: Job) {
    let Some(worker) = app.inner.runtime.workers.get(&job.name) else { return };
    let outcome = perform(app, &worker, &job).await;
    if let Outcome::Failed(failure) = &outcome {
        tracing::warn!(?failure, "a job failed");
    }
    app.inner.metrics.tried(&job.name, outcome.word(&job, worker.every));
    let ended = Arc::new((job, outcome));
    let mut backoff = Backoff::of("writing how a job ended");
    while let Err(error) = settle(app, &ended, worker.every).await {
        if app.inner.stop.is_cancelled() {
            return;
        }
        backoff.held_up(&error).await;
    }
}

async fn perform(app: &App, worker: &Worker, job: &Job) -> Outcome {
    let done = AssertUnwindSafe(async { (worker.handler)(app.clone(), job.clone()).await }).catch_unwind();
    let again = |text: &str| Outcome::Failed(JobFailure::Again(text.to_owned()));
    tokio::select! {
        () = app.inner.stop.cancelled() => Outcome::Stopped,
        done = tokio::time::timeout(LIMIT, done) => match done {
            Ok(Ok(Ok(()))) => Outcome::Done,
            Ok(Ok(Err(failure))) => Outcome::Failed(failure),
            Ok(Err(_)) => again("the handler panicked"),
            Err(_) => again("the handler took too long"),
        },
    }
}

/// Writes how an attempt ended, unless its claim has run out meanwhile.
async fn settle(app: &App, ended: &Arc<(Job, Outcome)>, every: Option<Duration>) -> Result<()> {
    let ended = Arc::clone(ended);
    app.write_in_reserve(&Caller::system(), move |work| {
        let ended = Arc::clone(&ended);
        Box::pin(async move {
            let (job, outcome) = &*ended;
            match (outcome, every) {
                (Outcome::Done, None) => jobs::finish(work.tx, job, work.now).await,
                (Outcome::Done, Some(every)) => jobs::renew(work.tx, job, work.now + every).await,
                (Outcome::Failed(failure), every) => {
                    let (text, again) = verdict(failure, job.attempt, every);
                    jobs::fail(work.tx, job, text, again.map(|rest| work.now + rest), work.now).await
                }
                (Outcome::Stopped, _) => jobs::put_back(work.tx, job, work.now).await,
            }
        })
    })
    .await
    .map(drop)
}

/// The text of a failure, and how long the job rests before its next try; `None`: for ever.
fn verdict(failure: &JobFailure, attempt: u32, every: Option<Duration>) -> (&str, Option<Duration>) {
    match (failure, every) {
        (JobFailure::Again(text), None) => (text, (attempt < TRIES).then(|| rest(attempt))),
        (JobFailure::Again(text), Some(every)) => (text, Some(rest(attempt).min(every))),
        (JobFailure::Never(text), every) => (text, every),
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
