//! What runs beside the use cases, from [`App::start`] to [`App::stop`]: the tail of the outbox, which hands committed
//! events to the hub, the router, the timers and the jobs; and those three.
//!
//! A task that ends by itself takes the desk down: better dead than silently stopped. Whoever serves waits for
//! [`App::failed`] beside its listeners.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use muster_core::{Error, Result, Timestamp};
use muster_store::outbox;
use tokio::sync::watch;
use tracing::Instrument as _;

use crate::hub::Hub;
use crate::jobs::{self, Workers};
use crate::router::{Router, Touched};
use crate::tail::Tail;
use crate::{App, imports, media, privacy, teams, timers};

/// State shared by the background tasks and the use cases.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(crate) hub: Hub,
    pub(crate) touched: Touched,
    pub(crate) workers: Workers,
    pub(crate) progress: Progress,
    /// The position of the last event that the tail has handed on.
    pub(crate) followed: watch::Sender<i64>,
    failure: watch::Sender<Option<&'static str>>,
    is_draining: AtomicBool,
}

impl Runtime {
    pub(crate) fn new() -> Self {
        Self {
            hub: Hub::new(),
            touched: Touched::new(),
            workers: Workers::new(),
            progress: Progress::new(),
            followed: watch::Sender::new(0),
            failure: watch::Sender::new(None),
            is_draining: AtomicBool::new(false),
        }
    }
}

impl App {
    /// Starts the background work. Once, by the process that serves, after the schema and the built-in roles are there.
    ///
    /// # Errors
    /// Those of reading the store; then nothing was started.
    pub async fn start(&self) -> Result<()> {
        teams::register(self);
        privacy::register(self);
        media::register(self).await;
        imports::register(self);
        jobs::release(self).await?;
        self.inner.store.start_sequencer();
        let tail = Tail::open(self).await?;
        self.inner.runtime.followed.send_replace(tail.position());
        self.inner.runtime.hub.begin(tail.position());
        self.inner.metrics.told(tail.position());
        let router = Router::open(self, tail.position()).await?;
        self.supervise("tail", tail.run());
        self.supervise("router", router.run());
        self.supervise("timers", timers::run(self.clone()));
        self.supervise("jobs", jobs::run(self.clone()));
        Ok(())
    }

    /// Notes that the desk is about to be stopped: whoever chooses among desks should choose another.
    pub fn begin_drain(&self) {
        self.inner.runtime.is_draining.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.inner.runtime.is_draining.load(Ordering::Relaxed)
    }

    /// Tells the background work to come to its end, and listeners that there is nothing more to hear.
    pub fn begin_stop(&self) {
        self.inner.stop.cancel();
        self.inner.runtime.hub.stop();
    }

    /// Ends the background work and waits until it has come to its end. The store stays open.
    pub async fn stop(&self) {
        self.begin_stop();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// Completes with the name of the background task that ended although nobody had stopped it. The desk must not go
    /// on serving then.
    pub async fn failed(&self) -> &'static str {
        let mut failure = self.inner.runtime.failure.subscribe();
        let failed = failure.wait_for(Option::is_some).await.map(|name| *name);
        failed.ok().flatten().unwrap_or("runtime")
    }

    /// What [`Self::failed`] would tell now.
    #[must_use]
    pub fn failure(&self) -> Option<&'static str> {
        *self.inner.runtime.failure.borrow()
    }

    fn supervise(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let app = self.clone();
        let span = tracing::info_span!("task", name);
        let supervised = async move {
            let ended = AssertUnwindSafe(task).catch_unwind().await;
            let panic = ended.err().map(|payload| panic_text(payload.as_ref()).to_owned());
            if panic.is_some() || !app.inner.stop.is_cancelled() {
                tracing::error!(task = name, panic, "a background task has ended");
                app.inner.runtime.failure.send_replace(Some(name));
            }
        };
        self.inner.tasks.spawn(supervised.instrument(span));
    }

    /// Sleeps on the desk's clock; for ever without an instant. Cancel safe.
    pub async fn sleep_until(&self, at: Option<Timestamp>) {
        match at {
            Some(at) => self.inner.clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Waits until all that is committed has been followed, all that was due by now is done, and nothing can change by
    /// itself before time goes on.
    ///
    /// # Errors
    /// Those of reading the store; [`Error::Internal`] if a background task has failed.
    pub async fn quiet(&self) -> Result<()> {
        loop {
            let mut committed = self.inner.store.committed();
            committed.mark_unchanged();
            let Some(position) = self.settled_position().await? else {
                // An event without position wakes us when it gets one.
                drop(committed.changed().await);
                continue;
            };
            tokio::select! {
                biased;
                name = self.failed() => return Err(Error::internal(format!("{name} has failed"))),
                () = self.inner.runtime.progress.idle_at(position, self.now()) => {}
            }
            let still = self.settled_position().await? == Some(position);
            if still && self.inner.runtime.progress.is_idle(position, self.now()) {
                return Ok(());
            }
        }
    }

    /// The next instant at which a background task has something to do.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.inner.runtime.progress.next_due()
    }

    /// The last event's position, unless events still wait for theirs.
    async fn settled_position(&self) -> Result<Option<i64>> {
        self.read(|tx| {
            Box::pin(async move {
                let all = outbox::all_positioned(tx).await?;
                let last = outbox::last_position(tx).await?;
                Ok(all.then_some(last))
            })
        })
        .await
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// The background tasks whose progress is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Tail,
    Router,
    Timers,
    Jobs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Busy,
    /// Nothing to do, as far as events up to `position` tell, before `until`.
    Idle {
        position: i64,
        until: Option<Timestamp>,
    },
}

impl Stand {
    fn is_idle(self, at_position: i64, now: Timestamp) -> bool {
        match self {
            Self::Busy => false,
            Self::Idle { position, until } => position >= at_position && until.is_none_or(|until| until > now),
        }
    }
}

/// How far each background task has come.
#[derive(Debug)]
pub(crate) struct Progress(watch::Sender<[Stand; 4]>);

impl Progress {
    fn new() -> Self {
        Self(watch::Sender::new([Stand::Busy; 4]))
    }

    pub(crate) fn busy(&self, task: Task) {
        self.set(task, Stand::Busy);
    }

    /// `task` has nothing to do before `until`, as far as events up to `position` tell.
    pub(crate) fn idle(&self, task: Task, position: i64, until: Option<Timestamp>) {
        self.set(task, Stand::Idle { position, until });
    }

    fn set(&self, task: Task, stand: Stand) {
        self.0.send_if_modified(|stands| {
            let changes = stands[task as usize] != stand;
            stands[task as usize] = stand;
            changes
        });
    }

    fn is_idle(&self, position: i64, now: Timestamp) -> bool {
        self.0.borrow().iter().all(|stand| stand.is_idle(position, now))
    }

    async fn idle_at(&self, position: i64, now: Timestamp) {
        let mut stands = self.0.subscribe();
        // Can't fail: the sender is borrowed.
        drop(stands.wait_for(|stands| stands.iter().all(|stand| stand.is_idle(position, now))).await);
    }

    fn next_due(&self) -> Option<Timestamp> {
        let due = |stand: &Stand| match stand {
            Stand::Busy => None,
            Stand::Idle { until, .. } => *until,
        };
        self.0.borrow().iter().filter_map(due).min()
    }
}

/// Pauses between tries of something that fails for reasons outside the desk, such as an unreachable database: twice as
/// long each time. Not the desk's time, so not its clock. The log hears of the first failure and of the end of the last.
#[derive(Debug)]
pub(crate) struct Backoff {
    task: &'static str,
    pause: Duration,
    is_held_up: bool,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(20);
    const LONGEST: Duration = Duration::from_secs(5);

    /// For the background task of that name.
    pub(crate) fn of(task: &'static str) -> Self {
        Self { task, pause: Self::FIRST, is_held_up: false }
    }

    pub(crate) fn reset(&mut self) {
        self.pause = Self::FIRST;
        if std::mem::take(&mut self.is_held_up) {
            tracing::info!(task = self.task, "the task goes on");
        }
    }

    /// Pauses after a failure.
    pub(crate) async fn held_up(&mut self, error: &Error) {
        if std::mem::replace(&mut self.is_held_up, true) {
            tracing::debug!(task = self.task, ?error, "the task is still held up");
        } else {
            tracing::warn!(task = self.task, ?error, "the task is held up; trying again and again");
        }
        self.pause().await;
    }

    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Self::LONGEST);
    }
}
