//! What a listener missed while it was away: told again from the outbox, as far as it may be read now, up to where the
//! listener hears by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use muster_core::access::{Subject, may_read};
use muster_core::actor::Actor;
use muster_core::event::{Event, EventRecord};
use muster_core::id::{AgentId, ConversationId};
use muster_core::{Error, Result};
use muster_store::db::Tx;
use muster_store::{conversations, outbox};
use uuid::Uuid;

use super::{Listener, Notice, audience, load};
use crate::App;

/// The most events that are told again: whoever missed more loads everything anew sooner.
const MISSED_MAX: i64 = 5_000;
/// Events read at a time.
const BATCH: i64 = 128;

/// What is still to be told to a listener that was away.
#[derive(Debug)]
pub struct Missed {
    /// Conversations that it could read when it went, or meanwhile, and may not read any more.
    pub gone: Vec<Uuid>,
    after: i64,
    until: i64,
}

impl App {
    /// What a listener has missed that had heard everything up to `after`; `None` if that can't be told: it is too much,
    /// or not kept any more, `after` is not of this desk, or what the listener may read has changed meanwhile.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than agents; those of the store.
    pub async fn missed(&self, listener: &Listener, after: i64) -> Result<Option<Missed>> {
        let actor = Arc::new(listener.actor().clone());
        let until = listener.since();
        if !(0..=until).contains(&after) || until - after > MISSED_MAX {
            return Ok(None);
        }
        self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let is_kept =
                    after == until || outbox::first_position(tx).await?.is_some_and(|first| first <= after + 1);
                if !is_kept || have_rights_changed(tx, actor.agent()?.id, after, until).await? {
                    return Ok(None);
                }
                Ok(Some(Missed { gone: gone(tx, &actor, after).await?, after, until }))
            })
        })
        .await
    }

    /// The next of what was missed, in order; `None` when all of it has been told. The same again if it is dropped
    /// before it is done.
    ///
    /// # Errors
    /// Those of the store; [`Error::Internal`] if events are gone meanwhile.
    pub async fn tell_missed(&self, listener: &Listener, missed: &mut Missed) -> Result<Option<Vec<Notice>>> {
        let (after, until) = (missed.after, missed.until);
        if after >= until {
            return Ok(None);
        }
        let mut batch = self.read(move |tx| Box::pin(outbox::events_after(tx, after, BATCH))).await?;
        if batch.first().is_none_or(|first| first.position != after + 1) {
            return Err(Error::internal("events to be told again are gone"));
        }
        batch.retain(|record| record.position <= until);
        let last = batch.last().map_or(until, |record| record.position);
        let mut notices = load::notices(self, batch).await?;
        notices.retain(|notice| audience::hears_now(listener.actor(), notice));
        missed.after = last;
        Ok(Some(notices))
    }
}

/// Whether what the agent may read has changed by what it holds, not by what happened to conversations.
async fn have_rights_changed(tx: &mut Tx, agent: AgentId, after: i64, until: i64) -> Result<bool> {
    let changes = outbox::named_between(tx, after, until, &CHANGE_RIGHTS).await?;
    Ok(changes.iter().any(|record| changes_rights(agent, &record.event)))
}

/// The names of the events that [`changes_rights`] knows.
const CHANGE_RIGHTS: [&str; 6] = [
    "agent.roles_changed",
    "membership.added",
    "membership.changed",
    "membership.removed",
    "role.updated",
    "role.deleted",
];

fn changes_rights(of: AgentId, event: &Event) -> bool {
    match event {
        Event::AgentRolesChanged { agent, .. }
        | Event::MembershipAdded { agent, .. }
        | Event::MembershipChanged { agent, .. }
        | Event::MembershipRemoved { agent, .. } => *agent == of,
        Event::RoleUpdated { .. } | Event::RoleDeleted { .. } => true,
        _ => false,
    }
}

/// The conversations that `actor` could read at some moment from `after` on, and may not read now.
async fn gone(tx: &mut Tx, actor: &Actor, after: i64) -> Result<Vec<Uuid>> {
    let turns = outbox::turns_after(tx, after, None).await?;
    let ids: BTreeSet<ConversationId> = turns.iter().filter_map(|record| record.event.conversation()).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let items = conversations::items(tx, &ids, None).await?;
    let subjects: BTreeMap<_, _> = items.iter().map(|item| (item.id, load::subject(item))).collect();
    let lost = lost(actor, &turns, &subjects);
    Ok(items.iter().filter(|item| lost.contains(&item.id)).map(|item| item.uuid).collect())
}

/// Undoes the turns from the last to the first, and looks whether `actor` could have read then.
fn lost(actor: &Actor, turns: &[EventRecord], now: &BTreeMap<ConversationId, Subject>) -> BTreeSet<ConversationId> {
    let unreadable = |subject: &Subject| !may_read(actor, subject);
    let mut subjects: BTreeMap<_, _> =
        now.iter().filter(|(_, subject)| unreadable(subject)).map(|(id, subject)| (*id, *subject)).collect();
    let mut lost = BTreeSet::new();
    for record in turns.iter().rev() {
        let Some(id) = record.event.conversation() else { continue };
        let Some(subject) = subjects.get_mut(&id) else { continue };
        load::undo(&record.event, subject);
        if may_read(actor, subject) {
            lost.insert(id);
        }
    }
    lost
}

#[cfg(test)]
mod tests {
    use muster_core::id::{RoleId, TeamId};

    use super::*;

    #[test]
    fn every_event_that_changes_rights_is_asked_for_by_its_name() {
        let (agent, team, role) = (AgentId(1), TeamId(2), RoleId(3));
        let events = [
            Event::AgentRolesChanged { agent, before: vec![role], after: Vec::new() },
            Event::MembershipAdded { team, agent },
            Event::MembershipChanged { team, agent },
            Event::MembershipRemoved { team, agent },
            Event::RoleUpdated { role, fields: Vec::new() },
            Event::RoleDeleted { role },
        ];
        assert!(events.iter().all(|event| changes_rights(agent, event)));
        assert_eq!(events.map(|event| event.name()), CHANGE_RIGHTS);
    }
}
