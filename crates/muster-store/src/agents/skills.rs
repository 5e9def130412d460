//! Which skills an agent holds.

use muster_core::agent::SkillSource;
use muster_core::id::{AgentId, SkillId};
use muster_core::{Entity, Result};

use crate::constraint::missing;
use crate::db::Tx;
use crate::{params, sql};

/// Gives the agent a skill from one source, or another level of it.
///
/// # Errors
/// [`muster_core::Error::NotFound`] if the skill is gone.
pub async fn save_skill(tx: &mut Tx, agent: AgentId, skill: SkillId, source: SkillSource, level: u8) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO agent_skills (agent_id, skill_id, source, level) VALUES ($1, $2, $3, $4)
         ON CONFLICT (agent_id, skill_id, source) DO UPDATE SET level = excluded.level"
    );
    let saved = tx.execute(upsert, &params![agent, skill, source.as_str(), level]).await;
    saved.map(drop).map_err(|error| missing(error, Entity::Skill))
}

/// Takes all skills from the agent, wherever they are from.
///
/// # Errors
/// Those of the statement.
pub async fn remove_skills(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM agent_skills WHERE agent_id = $1"), &params![agent]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn remove_skill(tx: &mut Tx, agent: AgentId, skill: SkillId, source: SkillSource) -> Result<()> {
    let delete = sql!("DELETE FROM agent_skills WHERE agent_id = $1 AND skill_id = $2 AND source = $3");
    tx.execute(delete, &params![agent, skill, source.as_str()]).await.map(drop)
}
