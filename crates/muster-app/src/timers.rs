//! Timers at work: leases that run out, and whatever was set to be looked at when its time comes.
//!
//! Each is worked off in one transaction that first takes the timer away, so that it acts once, and not at all if it
//! was moved meanwhile. To add one: a name here, its arm in `act`, and `timers::set` where it begins.

use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::id::{AgentId, ConversationId};
use muster_core::presence::SOCKET_LEASE;
use muster_core::{Busy, Entity, Error, Result, Timestamp};
use muster_store::presence;
use muster_store::timers::{self, Timer};
use tracing::{Instrument as _, info_span};

use crate::conversations::wake;
use crate::presence::{end_desk, end_wrap_up};
use crate::runtime::{Backoff, Task};
use crate::work::Work;
use crate::{App, release};

/// On a conversation: an agent who was kept from it may have it again.
pub(crate) const EXCLUSION_OVER: &str = "exclusion_over";
/// On a conversation: it comes back from being parked.
pub(crate) const SNOOZE_OVER: &str = "snooze_over";
/// On an agent: who has been away so long that waiting chats go to others.
pub(crate) const RETURN_AFTER: &str = "return_after";
/// On an agent: a sign-in at a desk program has run out.
pub(crate) const DESK_OVER: &str = "desk_over";
/// On an agent: the time to write up a conversation is over.
pub(crate) const WRAP_UP_OVER: &str = "wrap_up_over";

/// Timers read at a time.
const BATCH: i64 = 64;

/// How long leases are left alone once the store takes writes again: agents could not renew theirs, and get this long to
/// do so before any is taken for run out.
const RESPITE: Duration = Duration::from_secs(SOCKET_LEASE.as_secs() / 2);

pub(crate) async fn run(app: App) {
    let runtime = &app.inner.runtime;
    let mut followed = runtime.followed.subscribe();
    let mut backoff = Backoff::of("timers");
    let mut respite = Respite::default();
    while !app.inner.stop.is_cancelled() {
        let position = *followed.borrow_and_update();
        let next = match look(&app, &mut respite).await {
            Ok(next) => next,
            Err(error) => {
                respite.note(&error);
                backoff.held_up(&error).await;
                continue;
            }
        };
        backoff.reset();
        runtime.progress.idle(Task::Timers, position, next);
        tokio::select! {
            () = app.inner.stop.cancelled() => {}
            woken = followed.changed() => if woken.is_err() { return },
            () = app.sleep_until(next) => {}
        }
        runtime.progress.busy(Task::Timers);
    }
}

/// What agents are granted whose leases could not be written for a while.
#[derive(Debug, Default)]
struct Respite {
    /// Writes failed, and the respite isn't granted yet.
    is_pending: bool,
    /// The times that writes had failed at the last look.
    times: u64,
    /// Until when leases are left alone.
    until: Option<Timestamp>,
}

impl Respite {
    fn note(&mut self, error: &Error) {
        self.is_pending |= matches!(error, Error::Busy(Busy::ReadOnly | Busy::Store));
    }

    /// Grants the respite once writes go through again; until then there is an error.
    async fn wait_for_store(&mut self, app: &App) -> Result<()> {
        let times = app.inner.store.times_held_up();
        self.is_pending |= times != std::mem::replace(&mut self.times, times);
        if self.is_pending {
            if !app.inner.store.has_reserve().await {
                return Err(Error::Busy(Busy::ReadOnly));
            }
            self.is_pending = false;
            self.until = Some(app.now() + RESPITE);
        }
        Ok(())
    }
}

async fn look(app: &App, respite: &mut Respite) -> Result<Option<Timestamp>> {
    respite.wait_for_store(app).await?;
    work_off(app, respite.until).await
}

/// Does what is due, and tells when there is more to do. Leases are left alone before `respite`.
async fn work_off(app: &App, respite: Option<Timestamp>) -> Result<Option<Timestamp>> {
    loop {
        let next =
            app.read(|tx| Box::pin(async move { Ok((timers::next_due(tx).await?, presence::next_expiry(tx).await?)) }));
        let (timer, lease) = next.await?;
        let lease = lease.map(|at| respite.map_or(at, |respite| at.max(respite)));
        let now = app.now();
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if app.inner.stop.is_cancelled() || !(is_due(timer) || is_due(lease)) {
            return Ok(timer.into_iter().chain(lease).min());
        }
        if is_due(lease) {
            app.expire_leases(now).await?;
        }
        if is_due(timer) {
            ring(app, now).await?;
        }
    }
}

/// Works off the timers due by `now`. One that fails doesn't hold up the others; it is tried again.
async fn ring(app: &App, now: Timestamp) -> Result<()> {
    let mut failed = Ok(());
    for timer in app.read(move |tx| Box::pin(timers::due(tx, now, BATCH))).await? {
        let timer = Arc::new(timer);
        let span = info_span!(parent: None, "timer", timer.name = timer.name);
        match ring_one(app, Arc::clone(&timer)).instrument(span).await {
            Ok(()) if timer.name == EXCLUSION_OVER => app.look_again(ConversationId(timer.entity.1)),
            Ok(()) => {}
            Err(error) => {
                if !matches!(error, Error::Busy(_)) {
                    tracing::warn!(timer = timer.name, entity.id = timer.entity.1, error = ?error, "a timer failed");
                }
                failed = Err(error);
            }
        }
    }
    failed
}

async fn ring_one(app: &App, timer: Arc<Timer>) -> Result<()> {
    app.write_in_reserve(&Caller::system(), move |work| {
        let timer = Arc::clone(&timer);
        Box::pin(async move { act(work, &timer).await })
    })
    .await
}

async fn act(work: &mut Work<'_>, timer: &Timer) -> Result<()> {
    if !timers::take_due(work.tx, timer, work.now).await? {
        return Ok(());
    }
    match (timer.name.as_str(), timer.entity) {
        (SNOOZE_OVER, (Entity::Conversation, id)) => wake(work, ConversationId(id)).await,
        (RETURN_AFTER, (Entity::Agent, id)) => release::return_waiting_chats(work, AgentId(id)).await,
        (DESK_OVER, (Entity::Agent, id)) => end_desk(work, AgentId(id)).await,
        (WRAP_UP_OVER, (Entity::Agent, id)) => end_wrap_up(work, AgentId(id)).await,
        // The router looks at the conversation again once this is committed.
        (EXCLUSION_OVER, _) => Ok(()),
        (name, (entity, id)) => {
            tracing::error!(timer = name, entity.kind = entity.as_str(), entity.id = id, "nobody knows this timer");
            Ok(())
        }
    }
}
