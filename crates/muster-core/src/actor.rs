//! Who does something, and through which door.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::agent::{MembershipRole, Profile};
use crate::id::{AgentId, ContactId, InboxId, IntegrationId, TeamId};
use crate::integration::IntegrationActor;
use crate::permission::{Permission, Permissions};
use crate::{Error, Result};

/// Whoever asks for something, with all that is needed to judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Agent(AgentActor),
    /// Somebody at a chat widget: sees the own conversations of one inbox.
    Visitor {
        contact: ContactId,
        inbox: InboxId,
    },
    /// Somebody's program, by a key of its own.
    Integration(IntegrationActor),
    /// Whoever holds the command line. May do everything.
    Operator,
    /// The desk itself: timers, the router, rules.
    System,
}

/// A signed-in agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentActor {
    pub id: AgentId,
    /// First and last name joined, as shown in activities.
    pub name: String,
    /// Closure of everything the agent's roles grant.
    pub permissions: Permissions,
    pub teams: BTreeMap<TeamId, MembershipRole>,
    /// Roles the agent holds; an administrator holds the built-in one.
    pub is_admin: bool,
}

impl From<&Profile> for AgentActor {
    fn from(profile: &Profile) -> Self {
        Self {
            id: profile.agent.id,
            name: profile.agent.name(),
            permissions: profile.permissions(),
            teams: profile.teams.iter().map(|team| (team.id, team.membership.role)).collect(),
            is_admin: profile.is_admin(),
        }
    }
}

impl AgentActor {
    /// The same agent, who may do nothing.
    #[must_use]
    pub fn without_rights(self) -> Self {
        Self { permissions: Permissions::NONE, teams: BTreeMap::new(), is_admin: false, ..self }
    }
}

impl Actor {
    /// Everything this actor may do over the whole desk.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        match self {
            Self::Agent(agent) => agent.permissions,
            Self::Integration(_) => Permissions::integration(),
            Self::Operator | Self::System => Permission::ALL.iter().copied().collect(),
            Self::Visitor { .. } => Permissions::NONE,
        }
    }

    /// Whether this actor holds `permission` over the whole desk.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Agent(agent) => agent.permissions.contains(permission),
            Self::Integration(_) => Permissions::integration().contains(permission),
            Self::Operator | Self::System => true,
            Self::Visitor { .. } => false,
        }
    }

    /// # Errors
    /// [`Error::Denied`] without the permission; [`Error::Unauthenticated`] for visitors.
    pub fn require(&self, permission: Permission) -> Result<()> {
        match self {
            Self::Visitor { .. } => Err(Error::Unauthenticated),
            _ if self.may(permission) => Ok(()),
            _ => Err(Error::Denied(permission)),
        }
    }

    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub fn require_staff(&self) -> Result<()> {
        match self {
            Self::Visitor { .. } => Err(Error::Unauthenticated),
            Self::Agent(_) | Self::Integration(_) | Self::Operator | Self::System => Ok(()),
        }
    }

    /// The agent behind this actor.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for everybody else.
    pub fn agent(&self) -> Result<&AgentActor> {
        match self {
            Self::Agent(agent) => Ok(agent),
            Self::Visitor { .. } | Self::Integration(_) | Self::Operator | Self::System => Err(Error::Unauthenticated),
        }
    }

    #[must_use]
    pub fn reference(&self) -> ActorRef {
        match self {
            Self::Agent(agent) => ActorRef::Agent(agent.id),
            Self::Visitor { contact, .. } => ActorRef::Contact(*contact),
            Self::Integration(integration) => ActorRef::Integration(integration.id),
            Self::Operator => ActorRef::Operator,
            Self::System => ActorRef::System,
        }
    }

    /// How activities name the actor.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Agent(agent) => &agent.name,
            Self::Visitor { .. } => "Visitor",
            Self::Integration(integration) => &integration.name,
            Self::Operator => "Operator",
            Self::System => "System",
        }
    }
}

/// An actor as events and the audit log keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum ActorRef {
    Agent(AgentId),
    Contact(ContactId),
    Integration(IntegrationId),
    Operator,
    System,
}

impl ActorRef {
    /// Reads what [`fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("agent", id)) => id.parse().ok().map(AgentId).map(Self::Agent),
            Some(("contact", id)) => id.parse().ok().map(ContactId).map(Self::Contact),
            Some(("integration", id)) => id.parse().ok().map(IntegrationId).map(Self::Integration),
            None if text == "operator" => Some(Self::Operator),
            None if text == "system" => Some(Self::System),
            _ => None,
        }
    }
}

/// The door a request came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The HTTP API, whichever dialect.
    Api,
    Widget,
    Cli,
    System,
}

impl Via {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Widget => "widget",
            Self::Cli => "cli",
            Self::System => "system",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Api, Self::Widget, Self::Cli, Self::System].into_iter().find(|via| via.as_str() == word)
    }
}

/// Everything about a request that its use case needs besides its input.
#[derive(Debug, Clone)]
pub struct Caller {
    pub actor: Actor,
    pub via: Via,
    pub request_id: Option<String>,
    /// The client's address, for the audit log.
    pub ip: Option<String>,
    /// A name for the credential used (never the secret), for the audit log.
    pub credential: Option<String>,
}

impl Caller {
    #[must_use]
    pub const fn system() -> Self {
        Self { actor: Actor::System, via: Via::System, request_id: None, ip: None, credential: None }
    }

    #[must_use]
    pub const fn operator() -> Self {
        Self { actor: Actor::Operator, via: Via::Cli, request_id: None, ip: None, credential: None }
    }
}

impl fmt::Display for ActorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Contact(id) => write!(f, "contact:{id}"),
            Self::Integration(id) => write!(f, "integration:{id}"),
            Self::Operator => f.write_str("operator"),
            Self::System => f.write_str("system"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_actor_is_read_back() {
        for actor in [
            ActorRef::Agent(AgentId(7)),
            ActorRef::Contact(ContactId(8)),
            ActorRef::Integration(IntegrationId(9)),
            ActorRef::Operator,
            ActorRef::System,
        ] {
            assert_eq!(ActorRef::parse(&actor.to_string()), Some(actor));
        }
        assert_eq!(ActorRef::parse("agent"), None);
        assert_eq!(ActorRef::parse("team:1"), None);
    }
}
