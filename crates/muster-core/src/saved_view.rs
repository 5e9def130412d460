//! Saved views: a filter under a name, for one agent, a team or everybody.

use crate::actor::{Actor, AgentActor};
use crate::filter::Filter;
use crate::id::{AgentId, TeamId, ViewId};
use crate::time::Timestamp;
use crate::{Entity, Error, Refusal, Result, Why, text};

/// Characters of a name.
pub const NAME_MAX: usize = 140;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub id: ViewId,
    pub name: String,
    pub filter: Filter,
    pub seen_by: SeenBy,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

/// Who sees a view. Only that of one agent is theirs; the others are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenBy {
    Agent(AgentId),
    Team(TeamId),
    Everybody,
}

impl SeenBy {
    /// The word kept in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent(_) => "agent",
            Self::Team(_) => "team",
            Self::Everybody => "everybody",
        }
    }

    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Team(_) | Self::Everybody)
    }

    fn admits(self, agent: &AgentActor) -> bool {
        match self {
            Self::Agent(owner) => owner == agent.id,
            Self::Team(team) => agent.teams.contains_key(&team),
            Self::Everybody => true,
        }
    }
}

impl SavedView {
    /// Checks whether `actor` may look through it. It opens no conversation that they may not read.
    ///
    /// # Errors
    /// [`Refusal::NotOwner`]; [`Error::Unauthenticated`] for others than agents.
    pub fn check_seen_by(&self, actor: &Actor) -> Result<()> {
        let agent = actor.agent()?;
        if self.seen_by.admits(agent) { Ok(()) } else { Err(Refusal::NotOwner(Entity::View).into()) }
    }
}

/// The name and the filter of a view, in order.
///
/// # Errors
/// [`Error::Invalid`] for `name`, and for `filters` if there are none or they are out of bounds.
pub fn checked(name: &str, filter: &Filter) -> Result<String> {
    let name = text::bounded("name", name, 1, NAME_MAX)?;
    let is_blank = matches!(filter, Filter::All(rules) | Filter::Any(rules) if rules.is_empty());
    if is_blank {
        return Err(Error::invalid("filters", Why::Empty));
    }
    filter.check()?;
    Ok(name)
}
