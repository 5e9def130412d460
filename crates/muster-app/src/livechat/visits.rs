//! Who is at a chat right now: signs of life gathered in memory, written once a minute, and told to the agents who have one
//! of the contact's conversations before them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::contact::SHOWN_FOR;
use muster_core::id::ContactId;
use muster_core::presence::Shown;
use muster_core::{Result, Timestamp};
use muster_store::contacts;

use super::who;
use crate::App;
use crate::hub::{ContactNews, Heard};

/// Between two looks at who is still there.
const ROUND: Duration = Duration::from_secs(60);
/// Signs of life that one transaction writes.
const AT_ONCE: usize = 500;

#[derive(Debug, Default)]
pub(crate) struct Visits(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    last: BTreeMap<ContactId, Visit>,
    /// Somebody goes round.
    watched: bool,
}

#[derive(Debug, Clone, Copy)]
struct Visit {
    at: Timestamp,
    is_written: bool,
}

/// What one round found.
#[derive(Debug, Default)]
struct Round {
    unwritten: Vec<(ContactId, Timestamp)>,
    gone: Vec<ContactId>,
    is_last: bool,
}

impl Visits {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a sign of life. Tells whether the contact has just come.
    fn note(&self, contact: ContactId, at: Timestamp) -> bool {
        let visit = Visit { at, is_written: false };
        self.seen().last.insert(contact, visit).is_none()
    }

    /// Whether whoever asks has to go round from now on.
    fn wants_watch(&self) -> bool {
        !std::mem::replace(&mut self.seen().watched, true)
    }

    fn round(&self, now: Timestamp) -> Round {
        let mut round = Round::default();
        let mut seen = self.seen();
        seen.last.retain(|contact, visit| {
            if !std::mem::replace(&mut visit.is_written, true) {
                round.unwritten.push((*contact, visit.at));
            }
            let is_there = visit.at + SHOWN_FOR > now;
            if !is_there {
                round.gone.push(*contact);
            }
            is_there
        });
        round.is_last = seen.last.is_empty();
        seen.watched = !round.is_last;
        round
    }
}

impl App {
    /// Notes that the caller, somebody at a chat, is there now. Whoever has just come is told to the agents who have a
    /// conversation of theirs before them.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] for others than visitors; the store's.
    pub async fn visitor_is_there(&self, caller: &Caller) -> Result<()> {
        let (contact, _) = who(&caller.actor)?;
        let now = self.now();
        if !self.inner.visits.note(contact, now) {
            return Ok(());
        }
        if self.inner.visits.wants_watch() {
            let app = self.clone();
            self.inner.tasks.spawn(async move { app.watch_visits().await });
        }
        self.write_visits(&[(contact, now)]).await?;
        self.tell_visit(contact, Shown::Ready).await
    }

    /// Goes round until nobody is there any more.
    async fn watch_visits(self) {
        loop {
            let due = self.now() + ROUND;
            let is_stopping = tokio::select! {
                () = self.inner.clock.sleep_until(due) => false,
                () = self.inner.stop.cancelled() => true,
            };
            let Round { unwritten, gone, is_last } = self.inner.visits.round(self.now());
            if let Err(error) = self.write_visits(&unwritten).await {
                tracing::debug!(?error, "when visitors were last there can't be written");
            }
            for contact in gone {
                if let Err(error) = self.tell_visit(contact, Shown::Offline).await {
                    tracing::debug!(?error, "that a visitor has gone can't be told");
                }
            }
            if is_last || is_stopping {
                return;
            }
        }
    }

    async fn write_visits(&self, visits: &[(ContactId, Timestamp)]) -> Result<()> {
        let system = Caller::system();
        for some in visits.chunks(AT_ONCE) {
            let some: Arc<[(ContactId, Timestamp)]> = some.into();
            let written = self.write(&system, move |work| {
                let some = Arc::clone(&some);
                Box::pin(async move {
                    work.tx.keep_quiet();
                    for (contact, at) in some.iter() {
                        contacts::save_last_active(work.tx, *contact, *at).await?;
                    }
                    Ok(())
                })
            });
            written.await?;
        }
        Ok(())
    }

    async fn tell_visit(&self, contact: ContactId, shown: Shown) -> Result<()> {
        self.tell_of_contact(contact, Heard::Contact(ContactNews { contact, shown })).await
    }
}
