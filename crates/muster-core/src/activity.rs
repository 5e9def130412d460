//! The activity log: the audited events as people look at them.

use serde_json::Value;

use crate::Entity;
use crate::actor::{ActorRef, Via};
use crate::filter::{TextTest, TimeTest};
use crate::time::Timestamp;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityEntry {
    pub id: i64,
    pub at: Timestamp,
    pub actor: ActorRef,
    /// The name of an agent, or of an integration; `None` where the actor has none, or is unknown by now.
    pub actor_name: Option<String>,
    pub via: Via,
    /// The client's address.
    pub ip: Option<String>,
    /// A name for the credential that was used.
    pub credential: Option<String>,
    /// The event's name.
    pub action: String,
    pub target: (Entity, i64),
    /// The name of the agent that it was done to.
    pub target_name: Option<String>,
    /// The values that changed, as they were and as they became. Never secrets.
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Which entries to list: those that meet all of these, or one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActivityFilter {
    pub any: bool,
    pub tests: Vec<ActivityTest>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivityTest {
    /// One of these events.
    Action(Vec<&'static str>),
    /// By somebody with one of these numbers, or by nobody of them.
    Actor {
        ids: Vec<i64>,
        is_one: bool,
    },
    Ip(TextTest),
    At(TimeTest),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ActivityField {
    Action,
    Actor,
    Ip,
    #[default]
    At,
}
