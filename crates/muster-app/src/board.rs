//! The router's board, read from the store: the whole of it, or one thing on it.

use muster_core::Result;
use muster_core::id::{ConversationId, TeamId};
use muster_core::routing::{Board, Candidate, Policy, TeamRules, Waiting};
use muster_store::db::Tx;
use muster_store::{agents, queue, skills, teams};

use crate::RoutingSettings;

impl RoutingSettings {
    /// The settings as the router takes them.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            default_capacity: self.default_capacity,
            idle_is_present: self.idle_is_present,
            trust_declared: self.trust_declared,
            ..Policy::default()
        }
    }
}

/// Everything: agents, teams, what skills are called, and what waits.
pub(crate) async fn load_board(tx: &mut Tx) -> Result<Board> {
    let mut board = load_people(tx).await?;
    for waiting in queue::all(tx).await? {
        board.put_waiting(waiting);
    }
    Ok(board)
}

/// The board without what waits.
pub(crate) async fn load_people(tx: &mut Tx) -> Result<Board> {
    let mut board = Board::new();
    let ids = agents::live_ids(tx).await?;
    for profile in agents::profiles_by_ids(tx, &ids).await? {
        board.put_agent(Candidate::from_profile(&profile));
    }
    for team in teams::list(tx).await? {
        board.put_team(TeamRules::from(&team));
    }
    for skill in skills::list(tx).await? {
        board.put_skill_name(skill.id, skill.name);
    }
    Ok(board)
}

/// `None` for a conversation that doesn't stand in the queue.
pub(crate) async fn load_waiting(tx: &mut Tx, id: ConversationId) -> Result<Option<Waiting>> {
    queue::entry(tx, id).await
}

/// `None` for a team that isn't there any more.
pub(crate) async fn load_team(tx: &mut Tx, id: TeamId) -> Result<Option<TeamRules>> {
    Ok(teams::find_team(tx, id).await?.as_ref().map(TeamRules::from))
}
