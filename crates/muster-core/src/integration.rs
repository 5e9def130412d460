//! Integrations: programs that provision agents with a key of their own. They stand as themselves in the audit log and
//! go on when whoever made them leaves.

use std::collections::BTreeSet;

use crate::agent::Profile;
use crate::id::{AgentId, IntegrationId, TeamId};
use crate::role::{AGENT_KEY, ANALYST_KEY, Role};
use crate::time::Timestamp;
use crate::word::words;

pub const NAME_MAX: usize = 140;

words! {
    /// How an integration's calls may prove themselves.
    pub enum Proof { Key = "key", Token = "token", Either = "either" }
}

/// Which teams an integration serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamScope {
    /// The whole desk.
    All,
    /// These only; none once the last of them is deleted.
    Listed(BTreeSet<TeamId>),
}

impl TeamScope {
    #[must_use]
    pub fn serves(&self, team: TeamId) -> bool {
        match self {
            Self::All => true,
            Self::Listed(teams) => teams.contains(&team),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    pub id: IntegrationId,
    /// Which product's clients it is for: a word of the dialect that serves them.
    pub kind: String,
    /// Under which name its client signs in, unique among its kind.
    pub account: String,
    pub name: String,
    pub teams: TeamScope,
    pub proof: Proof,
    /// Tokens of an earlier generation are dead.
    pub generation: i64,
    pub created_by: Option<AgentId>,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

/// An integration at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationActor {
    pub id: IntegrationId,
    pub name: String,
    pub teams: TeamScope,
    /// The team a call is made for; `None`: the whole desk.
    pub acting_for: Option<TeamId>,
}

impl IntegrationActor {
    /// Whether this agent exists as far as the integration can tell. An agent without any team belongs to whoever serves
    /// the whole desk, so that nobody is lost who lost the last team elsewhere.
    #[must_use]
    pub fn sees(&self, profile: &Profile) -> bool {
        match self.acting_for {
            None => self.teams == TeamScope::All,
            Some(team) => {
                let is_member = profile.teams.iter().any(|held| held.id == team);
                self.teams.serves(team) && (is_member || (profile.teams.is_empty() && self.teams == TeamScope::All))
            }
        }
    }

    /// Whether it may change this agent. Whoever administers the desk is out of its reach.
    #[must_use]
    pub fn may_change(&self, profile: &Profile) -> bool {
        self.sees(profile) && profile.permissions().administration().is_empty()
    }

    /// Whether it may give this role to somebody.
    #[must_use]
    pub fn may_grant(role: &Role) -> bool {
        matches!(role.key.as_deref(), Some(AGENT_KEY | ANALYST_KEY))
    }
}

impl From<&Integration> for IntegrationActor {
    fn from(integration: &Integration) -> Self {
        let Integration { id, name, teams, .. } = integration;
        Self { id: *id, name: name.clone(), teams: teams.clone(), acting_for: None }
    }
}
