//! The queue: one entry for each open conversation that nobody is assigned to.

use muster_core::id::{ConversationId, TeamId};
use muster_core::inbox::Medium;
use muster_core::routing::{Exclusion, Reasons, Waiting};
use muster_core::{Error, Result, Timestamp};

use crate::db::{Row, SqlBuf, Tx};
use crate::{json, params, sql};

/// A place in the queue as it is put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub conversation: ConversationId,
    pub team: Option<TeamId>,
    pub rank: i64,
    /// Kept if the conversation stands in the queue already.
    pub queued_at: Timestamp,
    /// Only of a conversation that enters: one that stands in the queue keeps those it has.
    pub exclude: Option<Exclusion>,
}

/// Puts a conversation into the queue, or moves it to the team and rank it has now; its place stays.
///
/// # Errors
/// As [`Tx::query`].
pub async fn put(tx: &mut Tx, entry: &Entry) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO queue_entries (conversation_id, team_id, rank, queued_at, excluded, attempts) VALUES ($1, $2, $3, $4, $5, 0)
         ON CONFLICT (conversation_id) DO UPDATE SET team_id = excluded.team_id, rank = excluded.rank"
    );
    let excluded: Vec<Exclusion> = entry.exclude.into_iter().collect();
    let params = params![entry.conversation, entry.team, entry.rank, entry.queued_at, json(&excluded)?];
    tx.execute(upsert, &params).await.map(drop)
}

/// Takes a conversation from the queue, if it is there.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete(tx: &mut Tx, conversation: ConversationId) -> Result<()> {
    tx.execute(sql!("DELETE FROM queue_entries WHERE conversation_id = $1"), &params![conversation]).await.map(drop)
}

/// A conversation that waits, with what it asks for.
///
/// # Errors
/// As [`Tx::query`].
pub async fn entry(tx: &mut Tx, conversation: ConversationId) -> Result<Option<Waiting>> {
    let mut select = columns();
    select.push(" WHERE q.conversation_id = ").bind(conversation);
    tx.query_buf(&select).await?.first().map(from_row).transpose()
}

/// The farthest place that is counted.
const FARTHEST: i64 = 99;

/// The place of a conversation among those that wait for the same team, or for nobody's: 1 is next. `None`: it doesn't wait,
/// or behind more than can be counted for everybody who asks.
///
/// # Errors
/// As [`Tx::query`].
pub async fn position(tx: &mut Tx, conversation: ConversationId) -> Result<Option<i64>> {
    let select = sql!(
        "SELECT COUNT(*) AS position FROM (
           SELECT 1 FROM queue_entries own JOIN queue_entries q ON q.team_id = own.team_id
             AND (q.rank, q.queued_at, q.conversation_id) <= (own.rank, own.queued_at, own.conversation_id)
           WHERE own.conversation_id = $1
           UNION ALL
           SELECT 1 FROM queue_entries own JOIN queue_entries q ON q.team_id IS NULL
             AND (q.rank, q.queued_at, q.conversation_id) <= (own.rank, own.queued_at, own.conversation_id)
           WHERE own.conversation_id = $1 AND own.team_id IS NULL
           LIMIT $2) AS places"
    );
    let position: i64 = tx.query_one(select, &params![conversation, FARTHEST + 1]).await?.get("position")?;
    Ok((1..=FARTHEST).contains(&position).then_some(position))
}

/// Everything that waits, in order.
///
/// # Errors
/// As [`Tx::query`].
pub async fn all(tx: &mut Tx) -> Result<Vec<Waiting>> {
    let mut select = columns();
    select.push(" ORDER BY q.rank, q.queued_at, q.conversation_id");
    tx.query_buf(&select).await?.iter().map(from_row).collect()
}

/// Keeps the reasons for which nobody was found, so that they aren't told again. True if the
/// conversation still stands in the queue.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn save_reasons(tx: &mut Tx, conversation: ConversationId, reasons: &Reasons) -> Result<bool> {
    let update = sql!("UPDATE queue_entries SET last_outcome = $2, attempts = attempts + 1 WHERE conversation_id = $1");
    Ok(tx.execute(update, &params![conversation, json(reasons)?]).await? == 1)
}

fn columns() -> SqlBuf {
    SqlBuf::new(
        "SELECT q.conversation_id, q.team_id, q.rank, q.queued_at, q.excluded, q.last_outcome, c.channel, c.required_skills,
           c.preferred_agent_id
         FROM queue_entries q JOIN conversations c ON c.id = q.conversation_id",
    )
}

fn from_row(row: &Row) -> Result<Waiting> {
    let last_outcome: Option<String> = row.get("last_outcome")?;
    Ok(Waiting {
        conversation: row.get("conversation_id")?,
        team: row.get("team_id")?,
        medium: row.get_word("channel", Medium::parse)?,
        rank: row.get("rank")?,
        queued_at: row.get("queued_at")?,
        excluded: row.get_json("excluded")?,
        required_skills: row.get_json("required_skills")?,
        preferred_agent: row.get("preferred_agent_id")?,
        last_reasons: last_outcome.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::internal)?,
    })
}
