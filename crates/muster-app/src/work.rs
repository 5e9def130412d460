//! One transaction in hand: the store's door, who asks, and what has to be recorded at its end.

use muster_core::actor::{Actor, Caller};
use muster_core::event::{Event, EventRecord};
use muster_core::{Result, Timestamp};
use muster_store::audit::{self, AuditEntry};
use muster_store::db::Tx;
use muster_store::outbox;
use serde_json::Value;

use crate::auth::Attempts;
use crate::media::Links;
use crate::seal::Seal;
use crate::{App, Draw, Settings};

/// The names of the fields in which two things, as the audit log shows them, differ.
pub(crate) fn changed_fields(before: &Value, after: &Value) -> Vec<String> {
    let fields = after.as_object().into_iter().flatten();
    fields.filter(|(name, value)| before.get(name.as_str()) != Some(*value)).map(|(name, _)| name.clone()).collect()
}

/// A transaction with its caller, its instant and its random values. Events recorded here become
/// rows when the use case has succeeded, before the commit.
pub struct Work<'t> {
    pub tx: &'t mut Tx,
    pub caller: &'t Caller,
    pub now: Timestamp,
    pub draw: Draw,
    app: &'t App,
    actor: Actor,
    recorded: Vec<Recorded>,
}

impl std::fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("caller", &self.caller).field("now", &self.now).finish_non_exhaustive()
    }
}

struct Recorded {
    event: Event,
    seq: Option<i64>,
    before: Option<Value>,
    after: Option<Value>,
}

impl<'t> Work<'t> {
    pub(crate) fn new(tx: &'t mut Tx, caller: &'t Caller, app: &'t App, now: Timestamp, seed: [u8; 32]) -> Self {
        Self { tx, caller, now, draw: Draw::new(seed), app, actor: caller.actor.clone(), recorded: Vec::new() }
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.app.settings()
    }

    /// Who does it: the caller's actor, unless [`Self::act_as`] said otherwise.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Says who the caller has turned out to be: somebody who became known within this transaction.
    pub fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    pub(crate) fn seal(&self) -> &'t Seal {
        &self.app.inner.seal
    }

    pub(crate) fn links(&self) -> &'t Links {
        &self.app.inner.links
    }

    pub(crate) fn attempts(&self) -> &'t Attempts {
        &self.app.inner.attempts
    }

    /// Records what happened.
    pub fn record(&mut self, event: Event) {
        self.recorded.push(Recorded { event, seq: None, before: None, after: None });
    }

    /// Records that a message was stored under number `seq`.
    pub fn record_message(&mut self, event: Event, seq: i64) {
        self.recorded.push(Recorded { event, seq: Some(seq), before: None, after: None });
    }

    /// Records a change together with the values before and after it, for the audit log. Never secrets.
    pub fn record_change(&mut self, event: Event, before: Value, after: Value) {
        self.recorded.push(Recorded { event, seq: None, before: Some(before), after: Some(after) });
    }

    pub(crate) async fn flush(mut self) -> Result<Vec<Event>> {
        let recorded = std::mem::take(&mut self.recorded);
        let mut records = Vec::with_capacity(recorded.len());
        let mut entries = Vec::new();
        let actor = self.actor.reference();
        for Recorded { event, seq, before, after } in recorded {
            if event.is_audited() {
                entries.push(AuditEntry {
                    at: self.now,
                    actor,
                    via: self.caller.via,
                    ip: self.caller.ip.clone(),
                    credential: self.caller.credential.clone(),
                    action: event.name(),
                    entity: event.aggregate(),
                    before,
                    after,
                });
            }
            records.push(EventRecord {
                uuid: self.draw.uuid_at(self.now),
                position: 0,
                seq,
                at: self.now,
                actor,
                via: self.caller.via,
                request_id: self.caller.request_id.clone(),
                event,
            });
        }
        outbox::append(self.tx, &records).await?;
        audit::append(self.tx, &entries).await?;
        Ok(records.into_iter().map(|record| record.event).collect())
    }
}
