//! Which roles an agent holds.

use muster_core::id::{AgentId, RoleId};
use muster_core::{Entity, Result};

use crate::constraint::missing;
use crate::db::Tx;
use crate::{params, sql};

/// # Errors
/// [`muster_core::Error::NotFound`] if the role is gone.
pub async fn add_role(tx: &mut Tx, agent: AgentId, role: RoleId) -> Result<()> {
    let insert = sql!("INSERT INTO agent_roles (agent_id, role_id) VALUES ($1, $2)");
    let inserted = tx.execute(insert, &params![agent, role]).await;
    inserted.map(drop).map_err(|error| missing(error, Entity::Role))
}

/// # Errors
/// Those of the statement.
pub async fn remove_role(tx: &mut Tx, agent: AgentId, role: RoleId) -> Result<()> {
    let delete = sql!("DELETE FROM agent_roles WHERE agent_id = $1 AND role_id = $2");
    tx.execute(delete, &params![agent, role]).await.map(drop)
}
