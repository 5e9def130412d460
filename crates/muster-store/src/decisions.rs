//! Routing decisions: append-only, chained by their hashes within each conversation.

use muster_core::event::DecisionOutcome;
use muster_core::id::{AgentId, ConversationId, DecisionId};
use muster_core::{Result, Timestamp};

use crate::db::{Row, Tx};
use crate::{params, sql};

/// A decision as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    pub conversation: ConversationId,
    pub at: Timestamp,
    pub outcome: DecisionOutcome,
    pub agent: Option<AgentId>,
    /// The agent's name today; not part of the stored row.
    pub agent_name: Option<String>,
    /// JSON, kept to the letter.
    pub because: String,
    pub policy_version: i64,
    /// The hash of the conversation's decision before; empty for the first.
    pub prev_hash: String,
    pub hash: String,
}

/// The hash of a conversation's latest decision; empty without one. The conversation is locked.
///
/// # Errors
/// As [`Tx::query`].
pub async fn last_hash(tx: &mut Tx, conversation: ConversationId) -> Result<String> {
    let select = sql!("SELECT hash FROM decisions WHERE conversation_id = $1 ORDER BY id DESC LIMIT 1");
    let row = tx.query_opt(select, &params![conversation]).await?;
    row.map_or(Ok(String::new()), |row| row.get("hash"))
}

/// Appends a decision.
///
/// # Errors
/// As [`Tx::query`].
pub async fn append(tx: &mut Tx, decision: &DecisionRow) -> Result<DecisionId> {
    let insert = sql!(
        "INSERT INTO decisions (conversation_id, at, outcome, agent_id, because, policy_version, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"
    );
    let params = params![
        decision.conversation,
        decision.at,
        decision.outcome.as_str(),
        decision.agent,
        &decision.because,
        decision.policy_version,
        &decision.prev_hash,
        &decision.hash,
    ];
    tx.query_one(insert, &params).await?.get("id")
}

/// The decisions about a conversation, the oldest first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_decisions(tx: &mut Tx, conversation: ConversationId) -> Result<Vec<DecisionRow>> {
    let select = sql!(
        "SELECT d.conversation_id, d.at, d.outcome, d.agent_id, d.because, d.policy_version, d.prev_hash, d.hash,
           a.first_name, a.last_name
         FROM decisions d LEFT JOIN agents a ON a.id = d.agent_id WHERE d.conversation_id = $1 ORDER BY d.id"
    );
    tx.query(select, &params![conversation]).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<DecisionRow> {
    let first: Option<String> = row.get("first_name")?;
    let last: Option<String> = row.get("last_name")?;
    Ok(DecisionRow {
        conversation: row.get("conversation_id")?,
        at: row.get("at")?,
        outcome: row.get_word("outcome", DecisionOutcome::parse)?,
        agent: row.get("agent_id")?,
        agent_name: first.zip(last).map(|(first, last)| muster_core::text::joined_name(&first, &last)),
        because: row.get("because")?,
        policy_version: row.get("policy_version")?,
        prev_hash: row.get("prev_hash")?,
        hash: row.get("hash")?,
    })
}
