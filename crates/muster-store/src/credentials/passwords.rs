//! Passwords, by kind.

use muster_core::id::AgentId;
use muster_core::{Result, Timestamp};

use crate::db::Tx;
use crate::{params, sql};

/// The hash of the agent's password of that kind.
///
/// # Errors
/// Those of the statement.
pub async fn find_password(tx: &mut Tx, agent: AgentId, kind: &str) -> Result<Option<String>> {
    let select = sql!("SELECT hash FROM passwords WHERE agent_id = $1 AND kind = $2");
    tx.query_opt(select, &params![agent, kind]).await?.map(|row| row.get("hash")).transpose()
}

/// # Errors
/// Those of the statement.
pub async fn save_password(tx: &mut Tx, agent: AgentId, kind: &str, hash: &str, now: Timestamp) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO passwords (agent_id, kind, hash, set_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (agent_id, kind) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at"
    );
    tx.execute(upsert, &params![agent, kind, hash, now]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_passwords(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM passwords WHERE agent_id = $1"), &params![agent]).await.map(drop)
}
