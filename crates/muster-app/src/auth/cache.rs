//! What this process remembers of credentials that were good: hits only, never misses.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use muster_core::actor::AgentActor;
use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::id::{AgentId, PublicId};
use muster_core::{Entity, Timestamp};

use super::SessionKind;
use super::sessions::SessionFacts;

/// More entries than this and all are dropped.
const MOST: usize = 50_000;

/// What a credential is remembered under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    /// By its public half.
    Key(String),
    /// By the hash of its token.
    Session(SessionKind, String),
    /// By the hash of an integration's key.
    IntegrationKey(String),
    /// By the hash of a token that an integration was given.
    IntegrationToken(String),
}

/// What is remembered of somebody's credential.
pub(crate) trait Remembered: Clone + Debug {
    type Owner: Copy + Debug + Eq + Hash;

    /// Whose events drop it.
    fn owner(&self) -> Self::Owner;
}

/// An agent's credential that was good when it was read.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) secret_hash: String,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) actor: Arc<AgentActor>,
    pub(crate) public_id: PublicId,
    /// Of a session.
    pub(crate) session: Option<SessionFacts>,
    /// When [`Cache::is_due`] said so last.
    looked_at: Option<Timestamp>,
}

impl Known {
    pub(crate) fn new(
        secret_hash: String,
        expires_at: Option<Timestamp>,
        profile: &Profile,
        session: Option<SessionFacts>,
    ) -> Self {
        let actor = Arc::new(AgentActor::from(profile));
        Self { secret_hash, expires_at, actor, public_id: profile.agent.public_id.clone(), session, looked_at: None }
    }
}

impl Remembered for Known {
    type Owner = AgentId;

    fn owner(&self) -> AgentId {
        self.actor.id
    }
}

/// A moment before a read: what was read then is kept only if nothing that it rests on has been dropped since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since(u64);

#[derive(Debug)]
pub(crate) struct Cache<K: Remembered = Known>(Mutex<Memory<K>>);

#[derive(Debug)]
struct Memory<K: Remembered> {
    known: HashMap<Credential, K>,
    of_owner: HashMap<K::Owner, Vec<Credential>>,
    /// Counts what was dropped.
    drops: u64,
    /// At which count an owner, or everybody, was dropped last.
    dropped: HashMap<K::Owner, u64>,
    dropped_all: u64,
}

impl<K: Remembered> Default for Cache<K> {
    fn default() -> Self {
        Self(Mutex::new(Memory {
            known: HashMap::new(),
            of_owner: HashMap::new(),
            drops: 0,
            dropped: HashMap::new(),
            dropped_all: 0,
        }))
    }
}

impl<K: Remembered> Cache<K> {
    pub(crate) fn get(&self, credential: &Credential) -> Option<K> {
        self.memory().known.get(credential).cloned()
    }

    pub(crate) fn now(&self) -> Since {
        Since(self.memory().drops)
    }

    /// Remembers what was read after `since`.
    pub(crate) fn keep(&self, since: Since, credential: Credential, known: K) {
        let mut memory = self.memory();
        let owner = known.owner();
        let dropped = memory.dropped.get(&owner).copied().unwrap_or(0).max(memory.dropped_all);
        if dropped > since.0 {
            return;
        }
        if memory.known.len() >= MOST {
            memory.known.clear();
            memory.of_owner.clear();
        }
        if memory.known.insert(credential.clone(), known).is_none() {
            memory.of_owner.entry(owner).or_default().push(credential);
        }
    }

    pub(crate) fn drop_owner(&self, owner: K::Owner) {
        let mut memory = self.memory();
        memory.drops += 1;
        let count = memory.drops;
        memory.dropped.insert(owner, count);
        for credential in memory.of_owner.remove(&owner).unwrap_or_default() {
            memory.known.remove(&credential);
        }
    }

    pub(crate) fn drop_all(&self) {
        let mut memory = self.memory();
        memory.drops += 1;
        memory.dropped_all = memory.drops;
        memory.dropped.clear();
        memory.known.clear();
        memory.of_owner.clear();
    }

    fn memory(&self) -> MutexGuard<'_, Memory<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    /// Whether it is time to do something again for a credential that is remembered: at most once in `pause`.
    pub(crate) fn is_due(&self, credential: &Credential, now: Timestamp, pause: Duration) -> bool {
        let mut memory = self.memory();
        let Some(known) = memory.known.get_mut(credential) else { return false };
        let is_due = known.looked_at.is_none_or(|at| now.since(at) >= pause);
        if is_due {
            known.looked_at = Some(now);
        }
        is_due
    }

    /// Drops what an event makes untrue.
    pub(crate) fn forget(&self, event: &Event) {
        match event {
            Event::PresenceChanged { .. }
            | Event::SignInSucceeded { .. }
            | Event::SignInFailed { .. }
            | Event::LinkCreated { .. } => {}
            Event::RoleUpdated { .. } | Event::RoleDeleted { .. } | Event::TeamDeleted { .. } => {
                self.drop_all();
            }
            _ => {
                if let (Entity::Agent, id) = event.aggregate() {
                    self.drop_owner(AgentId(id));
                }
            }
        }
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
        let public_id = PublicId::from_random([0; PublicId::LEN]);
        let actor = Arc::new(actor);
        Known { secret_hash: String::new(), expires_at: None, actor, public_id, session: None, looked_at: None }
    }

    fn key(name: &str) -> Credential {
        Credential::Key(name.to_owned())
    }

    #[test]
    fn an_event_drops_the_agents_credentials_and_no_others() {
        let cache: Cache = Cache::default();
        cache.keep(cache.now(), key("a"), known(1));
        cache.keep(cache.now(), key("b"), known(2));
        cache.forget(&Event::AgentDisabled { agent: AgentId(1) });
        assert!(cache.get(&key("a")).is_none() && cache.get(&key("b")).is_some());
        cache.forget(&Event::RoleDeleted { role: muster_core::id::RoleId(1) });
        assert!(cache.get(&key("b")).is_none());
    }

    #[test]
    fn what_was_read_before_an_event_is_not_kept_after_it() {
        let cache: Cache = Cache::default();
        let since = cache.now();
        cache.forget(&Event::AgentDisabled { agent: AgentId(1) });
        cache.keep(since, key("a"), known(1));
        cache.keep(since, key("b"), known(2));
        assert!(cache.get(&key("a")).is_none() && cache.get(&key("b")).is_some());
    }
}
