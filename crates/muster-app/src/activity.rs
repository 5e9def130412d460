//! The activity log: who changed accounts, rights and configuration, and what they were before.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use muster_core::activity::{ActivityEntry, ActivityField, ActivityFilter};
use muster_core::actor::{ActorRef, Caller};
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_core::view::{Page, PageRequest};
use muster_core::{Entity, Result, Timestamp, text};
use muster_store::db::Tx;
use muster_store::{audit, authors, integrations};

use crate::App;

impl App {
    /// One page of the log. `order`: by what, and whether the greatest comes first.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `activity_logs:manage`.
    pub async fn activity(
        &self,
        caller: &Caller,
        filter: ActivityFilter,
        order: (ActivityField, bool),
        request: PageRequest,
    ) -> Result<Page<ActivityEntry>> {
        caller.actor.require(Permission::ActivityLogsManage)?;
        let (filter, zone, now) = (Arc::new(filter), Arc::new(self.zone().await?), self.now());
        let found = self.inner.store.scan(move |tx| {
            let (filter, zone) = (Arc::clone(&filter), Arc::clone(&zone));
            Box::pin(async move {
                let Page { mut items, total } = audit::page(tx, &filter, order, &zone, request).await?;
                name(tx, &mut items, now).await?;
                Ok(Page { items, total })
            })
        });
        found.await
    }
}

/// Puts names to the agents and integrations who did something, and to the agents it was done to.
async fn name(tx: &mut Tx, entries: &mut [ActivityEntry], now: Timestamp) -> Result<()> {
    let mut agents: Vec<AgentId> = entries.iter().flat_map(|entry| [actor(entry), target(entry)]).flatten().collect();
    agents.sort_unstable();
    agents.dedup();
    let people = authors::agents(tx, &agents, now).await?;
    let named = |id: AgentId| {
        let person = people.get(&id)?;
        Some(text::joined_name(&person.first_name, &person.last_name)).filter(|name| !name.is_empty())
    };
    let mut programs = BTreeMap::new();
    for entry in entries {
        entry.actor_name = actor(entry).and_then(named);
        entry.target_name = target(entry).and_then(named);
        if let ActorRef::Integration(id) = entry.actor {
            if let Entry::Vacant(unknown) = programs.entry(id) {
                unknown.insert(integrations::name(tx, id).await?);
            }
            entry.actor_name.clone_from(&programs[&id]);
        }
    }
    Ok(())
}

const fn actor(entry: &ActivityEntry) -> Option<AgentId> {
    match entry.actor {
        ActorRef::Agent(id) => Some(id),
        ActorRef::Contact(_) | ActorRef::Integration(_) | ActorRef::Operator | ActorRef::System => None,
    }
}

const fn target(entry: &ActivityEntry) -> Option<AgentId> {
    match entry.target {
        (Entity::Agent, id) => Some(AgentId(id)),
        _ => None,
    }
}
