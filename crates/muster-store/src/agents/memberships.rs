//! An agent's places in teams.

use muster_core::agent::Membership;
use muster_core::id::{AgentId, TeamId};
use muster_core::{Entity, Result};

use crate::constraint::missing;
use crate::db::Tx;
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
