//! One-time links: set-up, invitations and resets.

use muster_core::id::AgentId;
use muster_core::{Result, Timestamp};

use crate::db::Tx;
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// SHA-256 of the token, in hexadecimal.
    pub hash: String,
    /// `None` for the link that sets up the desk.
    pub agent: Option<AgentId>,
    pub purpose: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// # Errors
/// Those of the statement.
pub async fn insert_link(tx: &mut Tx, link: &Link) -> Result<()> {
    let insert = sql!(
        "INSERT INTO one_time_links (hash, agent_id, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)"
    );
    let values = params![&link.hash, link.agent, &link.purpose, link.created_at, link.expires_at];
    tx.execute(insert, &values).await.map(drop)
}

/// A link that can still be used at `now`.
///
/// # Errors
/// Those of the statement.
pub async fn find_link(tx: &mut Tx, hash: &str, now: Timestamp) -> Result<Option<Link>> {
    let select = sql!(
        "SELECT hash, agent_id, purpose, created_at, expires_at FROM one_time_links
         WHERE hash = $1 AND used_at IS NULL AND expires_at > $2"
    );
    let Some(row) = tx.query_opt(select, &params![hash, now]).await? else { return Ok(None) };
    Ok(Some(Link {
        hash: row.get("hash")?,
        agent: row.get("agent_id")?,
        purpose: row.get("purpose")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    }))
}

/// Uses a link up. False if it was used before, has run out or never was.
///
/// # Errors
/// Those of the statement.
pub async fn use_link(tx: &mut Tx, hash: &str, now: Timestamp) -> Result<bool> {
    let update = sql!("UPDATE one_time_links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2");
    Ok(tx.execute(update, &params![hash, now]).await? == 1)
}

/// Lets a link that can still be used be used until `expires_at`. False if it was used, has run out or is gone.
///
/// # Errors
/// Those of the statement.
pub async fn prolong_link(tx: &mut Tx, hash: &str, expires_at: Timestamp, now: Timestamp) -> Result<bool> {
    let update =
        sql!("UPDATE one_time_links SET expires_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $3");
    Ok(tx.execute(update, &params![hash, expires_at, now]).await? == 1)
}

/// Whether a link was used; `None` if it isn't there any more.
///
/// # Errors
/// Those of the statement.
pub async fn is_link_used(tx: &mut Tx, hash: &str) -> Result<Option<bool>> {
    let select = sql!("SELECT used_at FROM one_time_links WHERE hash = $1");
    let row = tx.query_opt(select, &params![hash]).await?;
    row.map(|row| Ok(row.get::<Option<Timestamp>>("used_at")?.is_some())).transpose()
}

/// # Errors
/// Those of the statement.
pub async fn delete_links_of_agent(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM one_time_links WHERE agent_id = $1"), &params![agent]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_links_of_purpose(tx: &mut Tx, purpose: &str) -> Result<()> {
    tx.execute(sql!("DELETE FROM one_time_links WHERE purpose = $1"), &params![purpose]).await.map(drop)
}
