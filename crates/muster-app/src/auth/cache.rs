//! What this process remembers of credentials that were good: hits only, never misses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use muster_core::Entity;
use muster_core::Timestamp;
use muster_core::actor::AgentActor;
use muster_core::event::Event;
use muster_core::id::AgentId;

/// More entries than this and all are dropped.
const MOST: usize = 50_000;

/// What a credential is remembered under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    /// By its public half.
    Key(String),
    /// By the hash of its token.
    Session(String),
}

/// A credential that was good when it was read.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) secret_hash: String,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) actor: Arc<AgentActor>,
}

/// A moment before a read: what was read then is kept only if nothing that it rests on has been dropped since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since(u64);

#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<Credential, Known>,
    of_agent: HashMap<AgentId, Vec<Credential>>,
    /// Counts what was dropped.
    drops: u64,
    /// At which count an agent, or everybody, was dropped last.
    dropped: HashMap<AgentId, u64>,
    dropped_all: u64,
}

impl Cache {
    pub(crate) fn get(&self, credential: &Credential) -> Option<Known> {
        self.memory().known.get(credential).cloned()
    }

    pub(crate) fn now(&self) -> Since {
        Since(self.memory().drops)
    }

    /// Remembers what was read after `since`.
    pub(crate) fn keep(&self, since: Since, credential: Credential, known: Known) {
        let mut memory = self.memory();
        let agent = known.actor.id;
        let dropped = memory.dropped.get(&agent).copied().unwrap_or(0).max(memory.dropped_all);
        if dropped > since.0 {
            return;
        }
        if memory.known.len() >= MOST {
            memory.known.clear();
            memory.of_agent.clear();
        }
        if memory.known.insert(credential.clone(), known).is_none() {
            memory.of_agent.entry(agent).or_default().push(credential);
        }
    }

    /// Drops what an event makes untrue.
    pub(crate) fn forget(&self, event: &Event) {
        match event {
            Event::PresenceChanged { .. }
            | Event::SignInSucceeded { .. }
            | Event::SignInFailed { .. }
            | Event::LinkCreated { .. } => {}
            Event::RoleUpdated { .. } | Event::RoleDeleted { .. } | Event::TeamDeleted { .. } => {
                self.memory().drop_all();
            }
            _ => {
                if let (Entity::Agent, id) = event.aggregate() {
                    self.memory().drop_agent(AgentId(id));
                }
            }
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn drop_agent(&mut self, agent: AgentId) {
        self.drops += 1;
        self.dropped.insert(agent, self.drops);
        for credential in self.of_agent.remove(&agent).unwrap_or_default() {
            self.known.remove(&credential);
        }
    }

    fn drop_all(&mut self) {
        self.drops += 1;
        self.dropped_all = self.drops;
        self.dropped.clear();
        self.known.clear();
        self.of_agent.clear();
    }
}

#[cfg(test)]
mod tests {
    use muster_core::permission::Permissions;

    use super::*;

    fn known(agent: i64) -> Known {
        let actor = AgentActor {
            id: AgentId(agent),
            name: "Kim".to_owned(),
            permissions: Permissions::NONE,
            teams: std::collections::BTreeMap::new(),
            is_admin: false,
        };
        Known { secret_hash: String::new(), expires_at: None, actor: Arc::new(actor) }
    }

    fn key(name: &str) -> Credential {
        Credential::Key(name.to_owned())
    }

    #[test]
    fn an_event_drops_the_agents_credentials_and_no_others() {
        let cache = Cache::default();
        cache.keep(cache.now(), key("a"), known(1));
        cache.keep(cache.now(), key("b"), known(2));
        cache.forget(&Event::AgentDisabled { agent: AgentId(1) });
        assert!(cache.get(&key("a")).is_none() && cache.get(&key("b")).is_some());
        cache.forget(&Event::RoleDeleted { role: muster_core::id::RoleId(1) });
        assert!(cache.get(&key("b")).is_none());
    }

    #[test]
    fn what_was_read_before_an_event_is_not_kept_after_it() {
        let cache = Cache::default();
        let since = cache.now();
        cache.forget(&Event::AgentDisabled { agent: AgentId(1) });
        cache.keep(since, key("a"), known(1));
        cache.keep(since, key("b"), known(2));
        assert!(cache.get(&key("a")).is_none() && cache.get(&key("b")).is_some());
    }
}
