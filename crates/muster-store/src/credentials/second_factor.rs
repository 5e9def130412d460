//! Second factors and their recovery codes.

use muster_core::id::AgentId;
use muster_core::{Result, Timestamp};

use crate::db::Tx;
use crate::{params, sql};

#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    pub agent: AgentId,
    pub sealed_secret: String,
    pub created_at: Timestamp,
    /// `None`: it waits for its first code, and isn't asked for.
    pub confirmed_at: Option<Timestamp>,
    /// Of the latest code that was accepted.
    pub last_step: Option<i64>,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor")
            .field("agent", &self.agent)
            .field("confirmed_at", &self.confirmed_at)
            .finish_non_exhaustive()
    }
}

/// # Errors
/// Those of the statement.
pub async fn find_second_factor(tx: &mut Tx, agent: AgentId) -> Result<Option<SecondFactor>> {
    let select = sql!("SELECT * FROM second_factors WHERE agent_id = $1");
    let Some(row) = tx.query_opt(select, &params![agent]).await? else { return Ok(None) };
    Ok(Some(SecondFactor {
        agent: row.get("agent_id")?,
        sealed_secret: row.get("sealed_secret")?,
        created_at: row.get("created_at")?,
        confirmed_at: row.get("confirmed_at")?,
        last_step: row.get("last_step")?,
    }))
}

/// Stores a second factor in place of the one that the agent has.
///
/// # Errors
/// Those of the statement.
pub async fn save_second_factor(tx: &mut Tx, factor: &SecondFactor) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO second_factors (agent_id, sealed_secret, created_at, confirmed_at, last_step)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (agent_id) DO UPDATE SET
             sealed_secret = excluded.sealed_secret, created_at = excluded.created_at,
             confirmed_at = excluded.confirmed_at, last_step = excluded.last_step"
    );
    let values = params![factor.agent, &factor.sealed_secret, factor.created_at, factor.confirmed_at, factor.last_step];
    tx.execute(upsert, &values).await.map(drop)
}

/// Deletes an agent's second factor with its recovery codes. False if there was none.
///
/// # Errors
/// Those of the statements.
pub async fn delete_second_factor(tx: &mut Tx, agent: AgentId) -> Result<bool> {
    delete_recovery_codes(tx, agent).await?;
    Ok(tx.execute(sql!("DELETE FROM second_factors WHERE agent_id = $1"), &params![agent]).await? == 1)
}

/// Stores the SHA-256, in hexadecimal, of a recovery code.
///
/// # Errors
/// Those of the statement.
pub async fn insert_recovery_code(tx: &mut Tx, agent: AgentId, hash: &str) -> Result<()> {
    let insert = sql!("INSERT INTO recovery_codes (agent_id, hash) VALUES ($1, $2)");
    tx.execute(insert, &params![agent, hash]).await.map(drop)
}

/// Uses a recovery code up. False if the agent has none of that hash.
///
/// # Errors
/// Those of the statement.
pub async fn use_recovery_code(tx: &mut Tx, agent: AgentId, hash: &str) -> Result<bool> {
    let delete = sql!("DELETE FROM recovery_codes WHERE agent_id = $1 AND hash = $2");
    Ok(tx.execute(delete, &params![agent, hash]).await? == 1)
}

/// # Errors
/// Those of the statement.
pub async fn count_recovery_codes(tx: &mut Tx, agent: AgentId) -> Result<i64> {
    let count = sql!("SELECT COUNT(*) AS n FROM recovery_codes WHERE agent_id = $1");
    tx.query_opt(count, &params![agent]).await?.map_or(Ok(0), |row| row.get("n"))
}

/// # Errors
/// Those of the statement.
pub async fn delete_recovery_codes(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM recovery_codes WHERE agent_id = $1"), &params![agent]).await.map(drop)
}
