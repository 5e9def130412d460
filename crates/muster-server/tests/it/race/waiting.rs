//! What waits although somebody could have it, and what is held by somebody who must not.

use muster_app::{Clock as _, SystemClock};
use muster_core::Result;
use muster_core::id::{AgentId, ConversationId};
use muster_core::routing::{Candidate, Policy, TeamRules, Waiting, eligible};
use muster_core::team::TeamMode;
use muster_store::{Store, Tx, agents, outbox, queue, sql, teams};

/// What one look found.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) overlooked: Vec<(ConversationId, AgentId)>,
    /// Open conversations of agents whose accounts can't be used.
    pub(super) stranded: Vec<ConversationId>,
    pub(super) all_positioned: bool,
}

/// Looks at one snapshot.
pub(super) async fn look(store: &Store) -> Sight {
    let sight = store.scan(|tx| {
        Box::pin(async move {
            Ok(Sight {
                overlooked: overlooked(tx).await?,
                stranded: stranded(tx).await?,
                all_positioned: outbox::all_positioned(tx).await?,
            })
        })
    });
    sight.await.unwrap()
}

async fn stranded(tx: &mut Tx) -> Result<Vec<ConversationId>> {
    let select = sql!(
        "SELECT c.id FROM conversations c JOIN agents a ON a.id = c.assignee_id
         WHERE c.category = 'open' AND (a.enabled = FALSE OR a.locked = TRUE)"
    );
    tx.query(select, &[]).await?.iter().map(|row| row.get("id")).collect()
}

/// Asks the one predicate of every pair, of what stands in the tables now.
async fn overlooked(tx: &mut Tx) -> Result<Vec<(ConversationId, AgentId)>> {
    let (policy, now) = (Policy::default(), SystemClock.now());
    let teams: Vec<TeamRules> = teams::list(tx).await?.iter().map(TeamRules::from).collect();
    let ids = agents::live_ids(tx).await?;
    let profiles = agents::profiles_by_ids(tx, &ids).await?;
    let candidates: Vec<Candidate> = profiles.iter().map(Candidate::from_profile).collect();
    let taker = |waiting: &Waiting| {
        let team = teams.iter().find(|team| Some(team.id) == waiting.team);
        let is_manual = team.is_some_and(|team| team.mode == TeamMode::Manual);
        let may = |candidate: &&Candidate| eligible(candidate, waiting, team, &policy, now).is_ok();
        candidates.iter().find(may).filter(|_| !is_manual).map(|candidate| candidate.id)
    };
    let waiting = queue::all(tx).await?;
    Ok(waiting.iter().filter_map(|waiting| Some((waiting.conversation, taker(waiting)?))).collect())
}
