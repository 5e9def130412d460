//! Timers at work: leases that run out, and whatever was set to be looked at when its time comes.
//!
//! Each is worked off in one transaction that first takes the timer away, so that it acts once, and not at all if it
//! was moved meanwhile. To add one: a name here, its arm in `act`, and `timers::set` where it begins.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::id::{AgentId, ConversationId};
use muster_core::{Entity, Result, Timestamp};
use muster_store::presence;
use muster_store::timers::{self, Timer};

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

pub(crate) async fn run(app: App) {
    let runtime = &app.inner.runtime;
    let mut followed = runtime.followed.subscribe();
    let mut backoff = Backoff::new();
    while !app.inner.stop.is_cancelled() {
        let position = *followed.borrow_and_update();
        let next = match work_off(&app).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(error = ?error, "timers are held up; trying again");
                backoff.pause().await;
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

/// Does what is due, and tells when there is more to do.
async fn work_off(app: &App) -> Result<Option<Timestamp>> {
    loop {
        let next =
            app.read(|tx| Box::pin(async move { Ok((timers::next_due(tx).await?, presence::next_expiry(tx).await?)) }));
        let (timer, lease) = next.await?;
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
        match ring_one(app, Arc::clone(&timer)).await {
            Ok(()) if timer.name == EXCLUSION_OVER => app.look_again(ConversationId(timer.entity.1)),
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(timer = timer.name, entity.id = timer.entity.1, error = ?error, "a timer failed");
                failed = Err(error);
            }
        }
    }
    failed
}

async fn ring_one(app: &App, timer: Arc<Timer>) -> Result<()> {
    app.write(&Caller::system(), move |work| {
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
