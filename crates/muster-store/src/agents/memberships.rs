//! An agent's places in teams.

use std::collections::BTreeMap;

use muster_core::agent::Membership;
use muster_core::id::{AgentId, TeamId};
use muster_core::team::TeamMember;
use muster_core::{Entity, Result};

use super::row;
use crate::constraint::missing;
use crate::db::{Row, Tx};
use crate::{params, sql};

/// Adds a membership. Its load is counted from the open conversations of the team that the agent holds already.
///
/// # Errors
/// [`muster_core::Error::NotFound`] if the team is gone.
pub async fn insert_membership(tx: &mut Tx, agent: AgentId, membership: &Membership) -> Result<()> {
    let insert = sql!(
        "INSERT INTO memberships (agent_id, team_id, public_id, role, capacity, sort_order, assignment_count, load,
             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7,
             (SELECT COUNT(*) FROM conversations WHERE assignee_id = $1 AND team_id = $2 AND category = 'open'),
             $8, $9)"
    );
    let values = params![
        agent,
        membership.team,
        &membership.public_id,
        membership.role.as_str(),
        membership.capacity,
        membership.order,
        membership.assignment_count,
        membership.created_at,
        membership.updated_at,
    ];
    tx.execute(insert, &values).await.map(drop).map_err(|error| missing(error, Entity::Team))
}

/// Saves role, capacity and order; counts belong to claims.
///
/// # Errors
/// Those of the statement.
pub async fn save_membership(tx: &mut Tx, agent: AgentId, membership: &Membership) -> Result<()> {
    let update = sql!(
        "UPDATE memberships SET role = $3, capacity = $4, sort_order = $5, updated_at = $6
         WHERE agent_id = $1 AND team_id = $2"
    );
    let values = params![
        agent,
        membership.team,
        membership.role.as_str(),
        membership.capacity,
        membership.order,
        membership.updated_at,
    ];
    tx.execute(update, &values).await.map(drop)
}

/// Saves order and count as they were given, whatever claims have counted.
///
/// # Errors
/// Those of the statement.
pub async fn save_place(tx: &mut Tx, agent: AgentId, membership: &Membership) -> Result<()> {
    let update = sql!(
        "UPDATE memberships SET sort_order = $3, assignment_count = $4, updated_at = $5
         WHERE agent_id = $1 AND team_id = $2"
    );
    let Membership { team, order, assignment_count, updated_at, .. } = membership;
    tx.execute(update, &params![agent, *team, *order, *assignment_count, *updated_at]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_membership(tx: &mut Tx, agent: AgentId, team: TeamId) -> Result<()> {
    let delete = sql!("DELETE FROM memberships WHERE agent_id = $1 AND team_id = $2");
    tx.execute(delete, &params![agent, team]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_memberships_of_team(tx: &mut Tx, team: TeamId) -> Result<()> {
    tx.execute(sql!("DELETE FROM memberships WHERE team_id = $1"), &params![team]).await.map(drop)
}

/// The smallest number of assignments any member of the team has; 0 in an empty team.
///
/// # Errors
/// Those of the statement.
pub async fn lowest_count(tx: &mut Tx, team: TeamId) -> Result<i64> {
    let select = sql!("SELECT COALESCE(MIN(assignment_count), 0) AS lowest FROM memberships WHERE team_id = $1");
    tx.query_one(select, &params![team]).await?.get("lowest")
}

/// The team's members, by ascending id.
///
/// # Errors
/// Those of the statement.
pub async fn team_members(tx: &mut Tx, team: TeamId) -> Result<Vec<TeamMember>> {
    let select = sql!(
        "SELECT a.id AS member_id, a.public_id AS member_public_id, a.login, m.*
         FROM memberships m JOIN agents a ON a.id = m.agent_id WHERE m.team_id = $1 ORDER BY m.agent_id"
    );
    tx.query(select, &params![team]).await?.iter().map(team_member).collect()
}

fn team_member(row: &Row) -> Result<TeamMember> {
    Ok(TeamMember {
        agent: row.get("member_id")?,
        public_id: row.get("member_public_id")?,
        login: row.get("login")?,
        membership: row::membership(row)?,
    })
}

/// How many members each team has; teams without any, too.
///
/// # Errors
/// Those of the statement.
pub async fn team_sizes(tx: &mut Tx) -> Result<BTreeMap<TeamId, i64>> {
    let select = sql!(
        "SELECT t.id, COUNT(m.agent_id) AS members FROM teams t LEFT JOIN memberships m ON m.team_id = t.id
         GROUP BY t.id"
    );
    tx.query(select, &[]).await?.iter().map(|row| Ok((row.get("id")?, row.get("members")?))).collect()
}
