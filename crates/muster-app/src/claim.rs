//! The router's claims and findings: what it decided becomes true in one transaction, or not at all.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::conversation::{Assignee, By};
use muster_core::event::{AssignedHow, DecisionOutcome, Event};
use muster_core::id::{AgentId, ConversationId};
use muster_core::message::Author;
use muster_core::routing::{Candidate, Reasons, eligible};
use muster_core::team::TeamMode;
use muster_core::{Entity, Error, Result};
use muster_store::decisions::DecisionRow;
use muster_store::{agents, conversations, decisions, queue};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::conversations::change;
use crate::conversations::slot::{self, Presence};
use crate::{App, Work, board};

/// Findings stored in one transaction.
const AT_ONCE: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimOutcome {
    Won,
    /// What the decision was made from is no longer so. Nothing was changed.
    Lost,
}

impl App {
    /// Gives a waiting conversation to the agent that the router decided on while the agent's epoch
    /// was `epoch`. Everything is judged anew under the locks.
    ///
    /// # Errors
    /// The store's only.
    pub async fn claim(
        &self,
        conversation: ConversationId,
        agent: AgentId,
        epoch: i64,
        because: Value,
        policy_version: i64,
    ) -> Result<ClaimOutcome> {
        let found = Arc::new(Found { outcome: DecisionOutcome::Assigned, agent: Some(agent), because, policy_version });
        let system = Caller::system();
        let claimed = self.write(&system, move |work| {
            let found = Arc::clone(&found);
            Box::pin(async move { claim(work, conversation, agent, epoch, &found).await })
        });
        match claimed.await {
            Ok(()) => Ok(ClaimOutcome::Won),
            // A lost claim is an error until here, so that nothing of it stays.
            Err(Error::Conflict(Entity::Conversation) | Error::NotFound(Entity::Agent | Entity::Conversation)) => {
                Ok(ClaimOutcome::Lost)
            }
            Err(error) => Err(error),
        }
    }

    /// Stores why conversations stay in the queue. Those that have left it are passed over.
    ///
    /// # Errors
    /// The store's only.
    pub async fn record_nobody(&self, mut found: Vec<(ConversationId, Value, Reasons)>) -> Result<()> {
        found.sort_by_key(|(conversation, ..)| *conversation);
        let policy_version = self.settings().routing.policy().version;
        for chunk in found.chunks(AT_ONCE) {
            let chunk = Arc::new(chunk.to_vec());
            self.write(&Caller::system(), move |work| {
                let chunk = Arc::clone(&chunk);
                Box::pin(async move { record_nobody(work, &chunk, policy_version).await })
            })
            .await?;
        }
        Ok(())
    }
}

/// What the router found.
#[derive(Debug, Clone)]
struct Found {
    outcome: DecisionOutcome,
    agent: Option<AgentId>,
    because: Value,
    policy_version: i64,
}

async fn claim(work: &mut Work<'_>, id: ConversationId, agent: AgentId, epoch: i64, found: &Found) -> Result<()> {
    let lost = || Error::Conflict(Entity::Conversation);
    let profile = agents::lock_profile(work.tx, agent).await?;
    let mut conversation = conversations::lock(work.tx, id).await?;
    let waiting = queue::entry(work.tx, id).await?.ok_or_else(lost)?;
    let team = match conversation.team {
        Some(team) => board::load_team(work.tx, team).await?,
        None => None,
    };
    let policy = work.settings().routing.policy();
    let is_manual = policy.desk_mode_manual || team.as_ref().is_some_and(|team| team.mode == TeamMode::Manual);
    let candidate = Candidate::from_profile(&profile);
    let is_eligible = eligible(&candidate, &waiting, team.as_ref(), &policy, work.now).is_ok();
    if !conversation.is_queued() || is_manual || !is_eligible {
        return Err(lost());
    }
    let presence = if policy.trust_declared { Presence::NotAsked } else { Presence::Needed };
    if !slot::take(work, &profile, team.as_ref(), epoch, presence).await? {
        return Err(lost());
    }
    let to = Assignee { id: agent, name: profile.agent.name() };
    let effects = conversation.assign(&to, &By::SYSTEM, AssignedHow::Router, work.now)?;
    decide(work, id, found).await?;
    change::store(work, &mut conversation, slot::without_slot(effects, agent), Author::System).await
}

async fn record_nobody(
    work: &mut Work<'_>,
    found: &[(ConversationId, Value, Reasons)],
    policy_version: i64,
) -> Result<()> {
    for (id, because, reasons) in found {
        let conversation = conversations::lock(work.tx, *id).await?;
        if conversation.is_queued() && queue::save_reasons(work.tx, *id, reasons).await? {
            let outcome = DecisionOutcome::Nobody;
            let found = Found { outcome, agent: None, because: because.clone(), policy_version };
            decide(work, *id, &found).await?;
        }
    }
    Ok(())
}

/// Appends a decision to the locked conversation's chain.
async fn decide(work: &mut Work<'_>, conversation: ConversationId, found: &Found) -> Result<()> {
    let mut row = DecisionRow {
        conversation,
        at: work.now,
        outcome: found.outcome,
        agent: found.agent,
        agent_name: None,
        because: found.because.to_string(),
        policy_version: found.policy_version,
        prev_hash: decisions::last_hash(work.tx, conversation).await?,
        hash: String::new(),
    };
    row.hash = hash(&row);
    let decision = decisions::append(work.tx, &row).await?;
    work.record(Event::RoutingDecided { conversation, decision, outcome: found.outcome });
    Ok(())
}

/// SHA-256 over the hash before and everything the decision says.
fn hash(row: &DecisionRow) -> String {
    let content = serde_json::json!([
        row.prev_hash,
        row.conversation,
        row.at,
        row.outcome,
        row.agent,
        row.policy_version,
        row.because,
    ]);
    hex::encode(Sha256::digest(content.to_string().as_bytes()))
}

/// Whether each decision of a conversation is as it was written and follows the one before it.
pub(crate) fn chain_holds(rows: &[DecisionRow]) -> bool {
    let mut before = "";
    rows.iter().all(|row| {
        let follows = row.prev_hash == before && row.hash == hash(row);
        before = &row.hash;
        follows
    })
}
