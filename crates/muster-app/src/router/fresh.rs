//! What was touched, read anew in one snapshot.

use std::collections::BTreeSet;

use muster_core::id::{AgentId, ConversationId, TeamId};
use muster_core::routing::{Board, Candidate, TeamRules, Waiting};
use muster_core::{Error, Result};
use muster_store::db::Tx;
use muster_store::{agents, conversations};

use super::touched::Marks;
use crate::board;

#[derive(Debug)]
pub(super) enum Fresh {
    Everything(Board),
    Parts(Parts),
}

/// Agents whom nothing was read of are gone; so are teams, and conversations have left the queue.
#[derive(Debug, Default)]
pub(super) struct Parts {
    asked: BTreeSet<AgentId>,
    agents: Vec<Candidate>,
    teams: Vec<(TeamId, Option<TeamRules>)>,
    conversations: Vec<(ConversationId, Option<Waiting>)>,
}

impl Fresh {
    pub(super) async fn read(tx: &mut Tx, marks: &Marks) -> Result<Self> {
        if marks.everything {
            return Ok(Self::Everything(board::load_board(tx).await?));
        }
        let mut parts = Parts { asked: marks.agents.clone(), ..Parts::default() };
        for id in &marks.teams {
            parts.teams.push((*id, board::load_team(tx, *id).await?));
        }
        for id in &marks.conversations {
            parts.conversations.push((*id, board::load_waiting(tx, *id).await?));
        }
        for id in &marks.held {
            match conversations::conversation(tx, *id).await {
                Ok(conversation) => parts.asked.extend(conversation.assignee),
                // Deleted since; it was resolved, so nobody's load had it.
                Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let asked: Vec<AgentId> = parts.asked.iter().copied().collect();
        parts.agents = agents::profiles_by_ids(tx, &asked).await?.iter().map(Candidate::from_profile).collect();
        Ok(Self::Parts(parts))
    }

    pub(super) fn put_on(self, board: &mut Board) {
        match self {
            Self::Everything(fresh) => *board = fresh,
            Self::Parts(parts) => parts.put_on(board),
        }
    }
}

impl Parts {
    fn put_on(self, board: &mut Board) {
        for id in self.asked {
            board.remove_agent(id);
        }
        for candidate in self.agents {
            board.put_agent(candidate);
        }
        for (id, team) in self.teams {
            match team {
                Some(team) => board.put_team(team),
                None => drop(board.remove_team(id)),
            }
        }
        for (id, waiting) in self.conversations {
            match waiting {
                Some(waiting) => board.put_waiting(waiting),
                None => drop(board.remove_waiting(id)),
            }
        }
    }
}
