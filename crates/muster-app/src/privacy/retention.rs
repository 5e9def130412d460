//! Letting go of what was kept long enough: in the background, a bounded number of rows a transaction, so that nobody
//! who writes waits long.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::{ContactId, ConversationId};
use muster_core::inbox::Inbox;
use muster_core::{Result, Timestamp, draft};
use muster_store::inboxes;
use muster_store::privacy::retention::{self, Kept};

use crate::{App, Work, media};

/// How often the desk looks for what may go.
pub(super) const EVERY: Duration = Duration::from_secs(3600);
/// How long it goes on at a time. What is left waits for the next time.
const AT_A_TIME: Duration = Duration::from_secs(120);
/// Rows of one transaction.
const ROWS: u32 = 500;
/// Conversations of one transaction; each has its messages.
const CONVERSATIONS: usize = 50;
/// Ids of conversations looked at in one read.
const WINDOW: i64 = 20_000;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long a proof is kept after its end.
const PROOFS: Duration = DAY;
/// How long a notification is kept.
const NOTIFICATIONS: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long things are kept of which there are ever more. `None`: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionSettings {
    pub events: Option<Duration>,
    /// Those that are done.
    pub jobs: Option<Duration>,
    pub audit: Option<Duration>,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self { events: Some(7 * DAY), jobs: Some(30 * DAY), audit: None }
    }
}

/// A kind of rows that go in order of age.
#[derive(Debug, Clone, Copy)]
enum Rows {
    /// Those before this position.
    Events(i64),
    Jobs,
    Audit,
    Proofs,
    Drafts,
    Notifications,
}

/// One pass over everything.
pub(super) async fn tidy(app: &App) -> Result<()> {
    let deadline = Instant::now() + AT_A_TIME;
    let RetentionSettings { events, jobs, audit } = app.settings().retention;
    let told = *app.inner.runtime.followed.borrow();
    for (kept, rows) in [
        (events, Rows::Events(told)),
        (jobs, Rows::Jobs),
        (audit, Rows::Audit),
        (Some(PROOFS), Rows::Proofs),
        (Some(draft::KEPT_FOR), Rows::Drafts),
        (Some(NOTIFICATIONS), Rows::Notifications),
    ] {
        let Some(kept) = kept else { continue };
        let before = app.now() - kept;
        while Instant::now() < deadline && delete(app, rows, before).await? {}
    }
    for inbox in app.read(|tx| Box::pin(inboxes::list_letting_go(tx))).await? {
        empty(app, &inbox, deadline).await?;
    }
    Ok(())
}

/// Deletes some rows from before an instant. Tells whether there may be more.
async fn delete(app: &App, rows: Rows, before: Timestamp) -> Result<bool> {
    let limit = i64::from(ROWS);
    let system = Caller::system();
    let deleted = app.write_in_reserve(&system, move |work| {
        Box::pin(async move {
            work.tx.keep_quiet();
            match rows {
                Rows::Events(told) => retention::delete_events(work.tx, before, told, limit).await,
                Rows::Jobs => retention::delete_jobs(work.tx, before, limit).await,
                Rows::Audit => retention::delete_audit(work.tx, before, limit).await,
                Rows::Proofs => retention::delete_proofs(work.tx, before, limit).await,
                Rows::Drafts => retention::delete_drafts(work.tx, before, limit).await,
                Rows::Notifications => retention::delete_notifications(work.tx, before, limit).await,
            }
        })
    });
    Ok(deleted.await? >= u64::from(ROWS))
}

/// Deletes an inbox's conversations that have been resolved for as long as it keeps them.
async fn empty(app: &App, inbox: &Inbox, deadline: Instant) -> Result<()> {
    let Some(days) = inbox.retention_days else { return Ok(()) };
    let (inbox, before) = (inbox.id, app.now() - DAY * u32::from(days));
    let last = app.read(|tx| Box::pin(retention::last_conversation(tx))).await?;
    let mut after = ConversationId(0);
    while after < last && Instant::now() < deadline {
        let window = (after, ConversationId(after.0.saturating_add(WINDOW)));
        let scan = app.inner.store.scan(move |tx| Box::pin(retention::resolved_before(tx, inbox, before, window)));
        let found = scan.await?;
        for batch in found.chunks(CONVERSATIONS) {
            if Instant::now() >= deadline {
                return Ok(());
            }
            drop_conversations(app, batch, before).await?;
        }
        after = window.1;
    }
    Ok(())
}

async fn drop_conversations(app: &App, batch: &[ConversationId], before: Timestamp) -> Result<()> {
    let ids: Arc<[ConversationId]> = batch.into();
    app.write_in_reserve(&Caller::system(), move |work| {
        let ids = Arc::clone(&ids);
        Box::pin(async move { let_go(work, &ids, before).await })
    })
    .await
}

/// Deletes those of these conversations that are still resolved, and visitors of whom nothing is left then.
async fn let_go(work: &mut Work<'_>, ids: &[ConversationId], before: Timestamp) -> Result<()> {
    let kept = retention::lock_resolved_before(work.tx, ids, before).await?;
    let going: Vec<ConversationId> = kept.iter().map(|kept| kept.conversation).collect();
    media::drop_of_conversations(work, &going).await?;
    retention::delete_conversations(work.tx, &going).await?;
    for conversation in going {
        work.record(Event::ConversationDeleted { conversation });
    }
    let contacts: BTreeSet<ContactId> = kept.iter().map(|Kept { contact, .. }| *contact).collect();
    let contacts: Vec<ContactId> = contacts.into_iter().collect();
    for contact in retention::lock_visitors(work.tx, &contacts).await? {
        if retention::delete_contact(work.tx, contact).await? {
            media::drop_of_contact(work, contact).await?;
            work.record(Event::ContactDeleted { contact });
        }
    }
    Ok(())
}
