//! Many agents at once: lists, and who holds what.

use std::collections::BTreeMap;

use muster_core::id::{AgentId, RoleId, SkillId, TeamId};
use muster_core::view::{AgentSummary, TeamLabel};
use muster_core::{Result, Timestamp};

use super::row;
use crate::db::{Row, Sql, Tx, Value};
use crate::{params, sql};

/// All people and bots that were not deleted, the latest changed first.
///
/// # Errors
/// Those of the statement.
pub async fn list_summaries(tx: &mut Tx, now: Timestamp) -> Result<Vec<AgentSummary>> {
    let select = sql!(
        "SELECT a.*, s.* FROM agents a JOIN agent_state s ON s.agent_id = a.id
         WHERE a.deleted_at IS NULL AND a.kind <> 'system' ORDER BY a.updated_at DESC, a.id DESC"
    );
    tx.query(select, &[]).await?.iter().map(|row| summary(row, now)).collect()
}

/// The members of a team, by ascending id.
///
/// # Errors
/// Those of the statement.
pub async fn summaries_of_team(tx: &mut Tx, team: TeamId, now: Timestamp) -> Result<Vec<AgentSummary>> {
    let select = sql!(
        "SELECT a.*, s.* FROM memberships m JOIN agents a ON a.id = m.agent_id JOIN agent_state s ON s.agent_id = a.id
         WHERE m.team_id = $1 ORDER BY a.id"
    );
    tx.query(select, &params![team]).await?.iter().map(|row| summary(row, now)).collect()
}

fn summary(row: &Row, now: Timestamp) -> Result<AgentSummary> {
    let agent = row::agent(row)?;
    let state = row::state(row)?;
    let shown = state.shown(&agent, now);
    Ok(AgentSummary {
        id: agent.id,
        kind: agent.kind,
        first_name: agent.first_name,
        last_name: agent.last_name,
        email: agent.email,
        enabled: agent.enabled,
        locked: agent.locked,
        avatar_url: agent.avatar_url,
        external_id: agent.external_id,
        shown,
        state_since: state.state_since,
        pause_reason: state.pause_reason,
        load: state.load,
        capacity: agent.capacity,
        created_at: agent.created_at,
        updated_at: agent.updated_at,
    })
}

/// The names of everybody's roles.
///
/// # Errors
/// Those of the statement.
pub async fn role_names(tx: &mut Tx) -> Result<BTreeMap<AgentId, Vec<String>>> {
    let select =
        sql!("SELECT h.agent_id, r.name FROM agent_roles h JOIN roles r ON r.id = h.role_id ORDER BY h.agent_id, r.id");
    let mut names: BTreeMap<AgentId, Vec<String>> = BTreeMap::new();
    for row in &tx.query(select, &[]).await? {
        names.entry(row.get("agent_id")?).or_default().push(row.get("name")?);
    }
    Ok(names)
}

/// Everybody's teams.
///
/// # Errors
/// Those of the statement.
pub async fn team_labels(tx: &mut Tx) -> Result<BTreeMap<AgentId, Vec<TeamLabel>>> {
    let select = sql!(
        "SELECT m.agent_id, t.id, t.name, t.emoji FROM memberships m JOIN teams t ON t.id = m.team_id
         ORDER BY m.agent_id, t.id"
    );
    let mut labels: BTreeMap<AgentId, Vec<TeamLabel>> = BTreeMap::new();
    for row in &tx.query(select, &[]).await? {
        let label = TeamLabel { id: row.get("id")?, name: row.get("name")?, emoji: row.get("emoji")? };
        labels.entry(row.get("agent_id")?).or_default().push(label);
    }
    Ok(labels)
}

/// People and bots that were not deleted, by ascending id.
///
/// # Errors
/// Those of the statement.
pub async fn live_ids(tx: &mut Tx) -> Result<Vec<AgentId>> {
    ids(tx, sql!("SELECT id FROM agents WHERE deleted_at IS NULL AND kind <> 'system' ORDER BY id"), &[]).await
}

/// # Errors
/// Those of the statement.
pub async fn members_of_team(tx: &mut Tx, team: TeamId) -> Result<Vec<AgentId>> {
    let select = sql!("SELECT agent_id AS id FROM memberships WHERE team_id = $1 ORDER BY agent_id");
    ids(tx, select, &params![team]).await
}

/// # Errors
/// Those of the statement.
pub async fn holders_of_role(tx: &mut Tx, role: RoleId) -> Result<Vec<AgentId>> {
    let select = sql!("SELECT agent_id AS id FROM agent_roles WHERE role_id = $1 ORDER BY agent_id");
    ids(tx, select, &params![role]).await
}

/// # Errors
/// Those of the statement.
pub async fn holders_of_skill(tx: &mut Tx, skill: SkillId) -> Result<Vec<AgentId>> {
    let select = sql!("SELECT DISTINCT agent_id AS id FROM agent_skills WHERE skill_id = $1 ORDER BY agent_id");
    ids(tx, select, &params![skill]).await
}

async fn ids(tx: &mut Tx, select: Sql, values: &[Value]) -> Result<Vec<AgentId>> {
    tx.query(select, values).await?.iter().map(|row| row.get("id")).collect()
}

/// Locks the administrators' role: whoever may make or unmake an administrator waits here for all others who may,
/// after the agents and teams are locked and before administrators are counted.
///
/// # Errors
/// Those of the statement.
pub async fn lock_admins(tx: &mut Tx) -> Result<()> {
    let lock = sql!(
        sqlite: "SELECT id FROM roles WHERE key = 'admin'",
        postgres: "SELECT id FROM roles WHERE key = 'admin' FOR UPDATE",
    );
    tx.query(lock, &[]).await.map(drop)
}

/// The human administrators that were not deleted, usable or not.
///
/// # Errors
/// Those of the statement.
pub async fn count_admins(tx: &mut Tx) -> Result<i64> {
    let select = sql!(
        "SELECT COUNT(*) AS admins FROM agents a
         WHERE a.kind = 'human' AND a.deleted_at IS NULL
           AND EXISTS (SELECT 1 FROM agent_roles h JOIN roles r ON r.id = h.role_id
                       WHERE h.agent_id = a.id AND r.key = 'admin')"
    );
    tx.query_one(select, &[]).await?.get("admins")
}

/// The enabled, unlocked human administrators besides `agent`.
///
/// # Errors
/// Those of the statement.
pub async fn count_other_admins(tx: &mut Tx, agent: AgentId) -> Result<i64> {
    let select = sql!(
        "SELECT COUNT(*) AS others FROM agents a
         WHERE a.kind = 'human' AND a.enabled AND NOT a.locked AND a.deleted_at IS NULL AND a.id <> $1
           AND EXISTS (SELECT 1 FROM agent_roles h JOIN roles r ON r.id = h.role_id
                       WHERE h.agent_id = a.id AND r.key = 'admin')"
    );
    tx.query_one(select, &params![agent]).await?.get("others")
}
