//! API keys.

use muster_core::id::AgentId;
use muster_core::{Entity, Result, Timestamp};

use crate::constraint::taken;
use crate::db::{Row, Tx};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The public half.
    pub key_id: String,
    pub agent: AgentId,
    /// Unique among the agent's keys.
    pub name: String,
    /// SHA-256 of the secret, in hexadecimal.
    pub secret_hash: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

fn key_of(row: &Row) -> Result<ApiKey> {
    Ok(ApiKey {
        key_id: row.get("key_id")?,
        agent: row.get("agent_id")?,
        name: row.get("name")?,
        secret_hash: row.get("secret_hash")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

/// # Errors
/// Those of the statement.
pub async fn find_key(tx: &mut Tx, key_id: &str) -> Result<Option<ApiKey>> {
    let select = sql!("SELECT * FROM api_keys WHERE key_id = $1");
    tx.query_opt(select, &params![key_id]).await?.as_ref().map(key_of).transpose()
}

/// # Errors
/// Those of the statement.
pub async fn find_key_by_name(tx: &mut Tx, agent: AgentId, name: &str) -> Result<Option<ApiKey>> {
    let select = sql!("SELECT * FROM api_keys WHERE agent_id = $1 AND name = $2");
    tx.query_opt(select, &params![agent, name]).await?.as_ref().map(key_of).transpose()
}

/// The agent's keys, by name.
///
/// # Errors
/// Those of the statement.
pub async fn list_keys(tx: &mut Tx, agent: AgentId) -> Result<Vec<ApiKey>> {
    let select = sql!("SELECT * FROM api_keys WHERE agent_id = $1 ORDER BY name");
    tx.query(select, &params![agent]).await?.iter().map(key_of).collect()
}

/// # Errors
/// [`muster_core::Error::Conflict`] if the agent has a key of that name.
pub async fn insert_key(tx: &mut Tx, key: &ApiKey) -> Result<()> {
    let insert = sql!(
        "INSERT INTO api_keys (key_id, agent_id, name, secret_hash, created_at, expires_at, last_used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
    );
    let values =
        params![&key.key_id, key.agent, &key.name, &key.secret_hash, key.created_at, key.expires_at, key.last_used_at,];
    tx.execute(insert, &values).await.map(drop).map_err(|error| taken(error, Entity::Credential))
}

/// # Errors
/// Those of the statement.
pub async fn delete_key(tx: &mut Tx, key_id: &str) -> Result<()> {
    tx.execute(sql!("DELETE FROM api_keys WHERE key_id = $1"), &params![key_id]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_keys(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM api_keys WHERE agent_id = $1"), &params![agent]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn save_last_used(tx: &mut Tx, key_id: &str, at: Timestamp) -> Result<()> {
    let update = sql!("UPDATE api_keys SET last_used_at = $2 WHERE key_id = $1");
    tx.execute(update, &params![key_id, at]).await.map(drop)
}
