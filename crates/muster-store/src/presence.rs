//! Proof of presence: leases by holder, and the intervals that reports are made from.

use muster_core::id::AgentId;
use muster_core::presence::LeaseKind;
use muster_core::{Result, Timestamp};

use crate::db::Tx;
use crate::{params, sql};

/// One holder's proof that an agent is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The credential and what it opened, such as a socket.
    pub holder: String,
    pub kind: LeaseKind,
    pub until: Timestamp,
}

/// # Errors
/// Those of the statement.
pub async fn save_lease(tx: &mut Tx, agent: AgentId, lease: &Lease) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO leases (agent_id, holder, kind, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (agent_id, holder) DO UPDATE SET kind = excluded.kind, until = excluded.until"
    );
    tx.execute(upsert, &params![agent, &lease.holder, lease.kind.as_str(), lease.until]).await.map(drop)
}

/// The agent's leases, those that have run out among them, the longest first.
///
/// # Errors
/// Those of the statement.
pub async fn leases(tx: &mut Tx, agent: AgentId) -> Result<Vec<Lease>> {
    let select = sql!("SELECT holder, kind, until FROM leases WHERE agent_id = $1 ORDER BY until DESC, holder");
    let rows = tx.query(select, &params![agent]).await?;
    rows.iter()
        .map(|row| {
            Ok(Lease {
                holder: row.get("holder")?,
                kind: row.get_word("kind", LeaseKind::parse)?,
                until: row.get("until")?,
            })
        })
        .collect()
}

/// # Errors
/// Those of the statement.
pub async fn delete_lease(tx: &mut Tx, agent: AgentId, holder: &str) -> Result<()> {
    let delete = sql!("DELETE FROM leases WHERE agent_id = $1 AND holder = $2");
    tx.execute(delete, &params![agent, holder]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_leases_of_kind(tx: &mut Tx, agent: AgentId, kind: LeaseKind) -> Result<()> {
    let delete = sql!("DELETE FROM leases WHERE agent_id = $1 AND kind = $2");
    tx.execute(delete, &params![agent, kind.as_str()]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_leases(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM leases WHERE agent_id = $1"), &params![agent]).await.map(drop)
}

/// Agents whose presence, proven or declared, has run out by `now`; the longest ago first.
///
/// # Errors
/// Those of the statement.
pub async fn expired(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<AgentId>> {
    let select = sql!(
        "SELECT agent_id FROM agent_state WHERE link <> 'absent' AND lease_until <= $1
         ORDER BY lease_until, agent_id LIMIT $2"
    );
    tx.query(select, &params![now, limit]).await?.iter().map(|row| row.get("agent_id")).collect()
}

/// When the next presence runs out.
///
/// # Errors
/// Those of the statement.
pub async fn next_expiry(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let select = sql!("SELECT MIN(lease_until) AS next FROM agent_state WHERE link <> 'absent'");
    tx.query_one(select, &[]).await?.get("next")
}

/// A stretch of time an agent was there in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The shown word.
    pub state: &'static str,
    pub mode: Option<&'static str>,
    pub reason: Option<String>,
    pub from: Timestamp,
}

/// Opens an interval; the one before is closed.
///
/// # Errors
/// A unique violation if one is open.
pub async fn open_interval(tx: &mut Tx, agent: AgentId, interval: &Interval) -> Result<()> {
    let insert =
        sql!("INSERT INTO state_intervals (agent_id, state, mode, reason, from_at) VALUES ($1, $2, $3, $4, $5)");
    let values = params![agent, interval.state, interval.mode, interval.reason.as_deref(), interval.from];
    tx.execute(insert, &values).await.map(drop)
}

/// Closes the open interval, if there is one, at `to` but not before it began.
///
/// # Errors
/// Those of the statement.
pub async fn close_interval(tx: &mut Tx, agent: AgentId, to: Timestamp, ended_by: &str) -> Result<()> {
    let update = sql!(
        "UPDATE state_intervals SET to_at = CASE WHEN from_at > $2 THEN from_at ELSE $2 END, ended_by = $3
         WHERE agent_id = $1 AND to_at IS NULL"
    );
    tx.execute(update, &params![agent, to, ended_by]).await.map(drop)
}
