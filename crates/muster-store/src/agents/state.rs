//! The hot row of an agent: its lock, presence and epoch.

use muster_core::agent::Mode;
use muster_core::id::AgentId;
use muster_core::presence::State;
use muster_core::{Result, Timestamp};

use super::row;
use crate::db::{Engine, SqlBuf, Tx};
use crate::{params, sql};

/// Locks the agents' state rows in ascending order of id, before anything else is locked. SQLite has one writer and
/// needs no locks.
///
/// # Errors
/// Those of the statement.
pub async fn lock(tx: &mut Tx, ids: &[AgentId]) -> Result<()> {
    if tx.engine() == Engine::Sqlite || ids.is_empty() {
        return Ok(());
    }
    if let [id] = ids {
        let one = sql!(
            sqlite: "SELECT agent_id FROM agent_state WHERE agent_id = $1",
            postgres: "SELECT agent_id FROM agent_state WHERE agent_id = $1 FOR UPDATE",
        );
        return tx.query(one, &params![*id]).await.map(drop);
    }
    let mut many = SqlBuf::new("SELECT agent_id FROM agent_state WHERE agent_id IN ");
    many.bind_list(ids.iter().copied()).push(" ORDER BY agent_id FOR UPDATE");
    tx.query_buf(&many).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn find_state(tx: &mut Tx, agent: AgentId) -> Result<Option<State>> {
    let row = tx.query_opt(sql!("SELECT * FROM agent_state WHERE agent_id = $1"), &params![agent]).await?;
    row.as_ref().map(row::state).transpose()
}

/// # Errors
/// Those of the statement.
pub async fn insert_state(tx: &mut Tx, agent: AgentId, state: &State) -> Result<()> {
    let insert = sql!(
        "INSERT INTO agent_state (agent_id, epoch, intent, pause_reason, pause_note, link, lease_until, idle, dnd,
             mode, phone, wrap_up_until, load, last_assigned_at, state_since, declared_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    );
    let values = params![
        agent,
        state.epoch,
        state.intent.as_str(),
        state.pause_reason.as_deref(),
        state.pause_note.as_deref(),
        state.link.as_str(),
        state.lease_until,
        state.idle,
        state.dnd,
        state.mode.map(Mode::as_str),
        state.phone.as_deref(),
        state.wrap_up_until,
        state.load,
        state.last_assigned_at,
        state.state_since,
        state.declared_by,
    ];
    tx.execute(insert, &values).await.map(drop)
}

/// Saves presence and epoch. Load and the last assignment belong to [`change_load`](super::change_load) and
/// [`claim_slot`](super::claim_slot) and stay as they are.
///
/// # Errors
/// Those of the statement.
pub async fn save_state(tx: &mut Tx, agent: AgentId, state: &State) -> Result<()> {
    let update = sql!(
        "UPDATE agent_state
         SET epoch = $2, intent = $3, pause_reason = $4, pause_note = $5, link = $6, lease_until = $7, idle = $8,
             dnd = $9, mode = $10, phone = $11, wrap_up_until = $12, state_since = $13, declared_by = $14
         WHERE agent_id = $1"
    );
    let values = params![
        agent,
        state.epoch,
        state.intent.as_str(),
        state.pause_reason.as_deref(),
        state.pause_note.as_deref(),
        state.link.as_str(),
        state.lease_until,
        state.idle,
        state.dnd,
        state.mode.map(Mode::as_str),
        state.phone.as_deref(),
        state.wrap_up_until,
        state.state_since,
        state.declared_by,
    ];
    tx.execute(update, &values).await.map(drop)
}

/// Raises the epoch of agents whose rows are locked: claims decided before this change nothing.
///
/// # Errors
/// Those of the statement.
pub async fn raise_epochs(tx: &mut Tx, ids: &[AgentId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut update = SqlBuf::new("UPDATE agent_state SET epoch = epoch + 1 WHERE agent_id IN ");
    update.bind_list(ids.iter().copied());
    tx.execute_buf(&update).await.map(drop)
}

/// Waits for everybody else who is about to be reached at some telephone, so that two don't take the same one.
///
/// # Errors
/// Those of the statement.
pub async fn lock_phones(tx: &mut Tx) -> Result<()> {
    let lock = sql!(
        sqlite: "SELECT 1 AS locked",
        postgres: "SELECT pg_advisory_xact_lock(x'6d75737465720006'::bigint) AS locked",
    );
    tx.query(lock, &[]).await.map(drop)
}

/// The login of an agent besides `agent` who is there at `now` and reached at this telephone.
///
/// # Errors
/// Those of the statement.
pub async fn reached_at(tx: &mut Tx, phone: &str, agent: AgentId, now: Timestamp) -> Result<Option<String>> {
    let select = sql!(
        "SELECT a.login FROM agent_state s JOIN agents a ON a.id = s.agent_id
         WHERE s.link = 'live' AND s.lease_until > $3 AND s.phone = $1 AND s.agent_id <> $2
         ORDER BY s.agent_id LIMIT 1"
    );
    tx.query_opt(select, &params![phone, agent, now]).await?.map(|row| row.get("login")).transpose()
}
