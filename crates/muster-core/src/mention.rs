//! Mentions: whom a note calls.

use crate::id::{AgentId, TeamId};
use crate::{Error, Result, Why};

/// Most agents and teams that one note calls.
pub const MENTIONS_MAX: usize = 100;

/// Agents and teams, each once, in order of id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mentions {
    pub agents: Vec<AgentId>,
    pub teams: Vec<TeamId>,
}

impl Mentions {
    /// # Errors
    /// [`Error::Invalid`] for more than [`MENTIONS_MAX`].
    pub fn new(mut agents: Vec<AgentId>, mut teams: Vec<TeamId>) -> Result<Self> {
        agents.sort_unstable();
        agents.dedup();
        teams.sort_unstable();
        teams.dedup();
        if agents.len() + teams.len() > MENTIONS_MAX {
            return Err(Error::invalid("mentions", Why::OutOfRange));
        }
        Ok(Self { agents, teams })
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.agents.is_empty() && self.teams.is_empty()
    }
}
