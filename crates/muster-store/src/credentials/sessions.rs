//! Sessions: sign-ins that hold for a while, of whatever kind.

use muster_core::id::{AgentId, PublicId};
use muster_core::{Result, Timestamp};

use crate::db::{Row, Tx};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token, in hexadecimal.
    pub token_hash: String,
    /// What the session is called where it is shown. Tells nothing of its token.
    pub public_id: PublicId,
    pub agent: AgentId,
    pub kind: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Why it ended before its time: kept so that the next request can be told.
    pub ended_by: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

fn session_of(row: &Row) -> Result<Session> {
    Ok(Session {
        token_hash: row.get("token_hash")?,
        public_id: row.get("public_id")?,
        agent: row.get("agent_id")?,
        kind: row.get("kind")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        ended_by: row.get("ended_by")?,
        ip: row.get("ip")?,
        user_agent: row.get("user_agent")?,
    })
}

/// # Errors
/// Those of the statement.
pub async fn find_session(tx: &mut Tx, token_hash: &str) -> Result<Option<Session>> {
    let select = sql!("SELECT * FROM sessions WHERE token_hash = $1");
    tx.query_opt(select, &params![token_hash]).await?.as_ref().map(session_of).transpose()
}

/// The agent's sessions that hold at `now`, the latest first.
///
/// # Errors
/// Those of the statement.
pub async fn list_sessions(tx: &mut Tx, agent: AgentId, now: Timestamp) -> Result<Vec<Session>> {
    let select = sql!(
        "SELECT * FROM sessions WHERE agent_id = $1 AND ended_by IS NULL AND expires_at > $2
         ORDER BY created_at DESC, public_id"
    );
    tx.query(select, &params![agent, now]).await?.iter().map(session_of).collect()
}

/// # Errors
/// Those of the statement.
pub async fn insert_session(tx: &mut Tx, session: &Session) -> Result<()> {
    let insert = sql!(
        "INSERT INTO sessions
             (token_hash, public_id, agent_id, kind, created_at, expires_at, ended_by, ip, user_agent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    );
    let values = params![
        &session.token_hash,
        &session.public_id,
        session.agent,
        &session.kind,
        session.created_at,
        session.expires_at,
        session.ended_by.as_deref(),
        session.ip.as_deref(),
        session.user_agent.as_deref(),
    ];
    tx.execute(insert, &values).await.map(drop)
}

/// Lets a session last until `expires_at`. False if there is none, or it has ended.
///
/// # Errors
/// Those of the statement.
pub async fn extend_session(tx: &mut Tx, token_hash: &str, expires_at: Timestamp) -> Result<bool> {
    let update = sql!("UPDATE sessions SET expires_at = $2 WHERE token_hash = $1 AND ended_by IS NULL");
    Ok(tx.execute(update, &params![token_hash, expires_at]).await? == 1)
}

/// Deletes a session. False if there was none.
///
/// # Errors
/// Those of the statement.
pub async fn delete_session(tx: &mut Tx, token_hash: &str) -> Result<bool> {
    Ok(tx.execute(sql!("DELETE FROM sessions WHERE token_hash = $1"), &params![token_hash]).await? == 1)
}

/// # Errors
/// Those of the statement.
pub async fn delete_sessions(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM sessions WHERE agent_id = $1"), &params![agent]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_sessions_of_kind(tx: &mut Tx, agent: AgentId, kind: &str) -> Result<()> {
    let delete = sql!("DELETE FROM sessions WHERE agent_id = $1 AND kind = $2");
    tx.execute(delete, &params![agent, kind]).await.map(drop)
}

/// Ends the agent's sessions but keeps their rows.
///
/// # Errors
/// Those of the statement.
pub async fn end_sessions(tx: &mut Tx, agent: AgentId, ended_by: &str) -> Result<()> {
    let update = sql!("UPDATE sessions SET ended_by = $2 WHERE agent_id = $1 AND ended_by IS NULL");
    tx.execute(update, &params![agent, ended_by]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_expired_sessions(tx: &mut Tx, now: Timestamp) -> Result<()> {
    tx.execute(sql!("DELETE FROM sessions WHERE expires_at <= $1"), &params![now]).await.map(drop)
}
