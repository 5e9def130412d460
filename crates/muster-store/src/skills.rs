//! Skills. Who holds them is in [`agents`](crate::agents).

use muster_core::id::{ConversationId, SkillId};
use muster_core::skill::{Rule, Skill};
use muster_core::text;
use muster_core::{Entity, Error, Result};

use crate::constraint::{missing, taken};
use crate::db::{Row, SqlBuf, Tx};
use crate::{json, params, sql};

fn skill_of(row: &Row) -> Result<Skill> {
    Ok(Skill {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        team: row.get("team_id")?,
        rule: rule_of(row)?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

fn rule_of(row: &Row) -> Result<Option<Rule>> {
    match row.get::<Option<u8>>("rule_level")? {
        None => Ok(None),
        Some(level) => Ok(Some(Rule { condition: row.get_json("rule")?, level })),
    }
}

/// The condition and the level of a rule as they stand in their columns.
fn columns(rule: Option<&Rule>) -> Result<(Option<String>, Option<u8>)> {
    let condition = rule.map(|rule| json(&rule.condition)).transpose()?;
    Ok((condition, rule.map(|rule| rule.level)))
}

/// All skills, by name.
///
/// # Errors
/// Those of the statement.
pub async fn list(tx: &mut Tx) -> Result<Vec<Skill>> {
    tx.query(sql!("SELECT * FROM skills ORDER BY name_key"), &[]).await?.iter().map(skill_of).collect()
}

/// # Errors
/// [`Error::NotFound`].
pub async fn skill(tx: &mut Tx, id: SkillId) -> Result<Skill> {
    let row = tx.query_opt(sql!("SELECT * FROM skills WHERE id = $1"), &params![id]).await?;
    row.as_ref().map(skill_of).transpose()?.ok_or(Error::NotFound(Entity::Skill))
}

/// The skills that follow from attributes, by id.
///
/// # Errors
/// Those of the statement.
pub async fn skills_with_rules(tx: &mut Tx) -> Result<Vec<Skill>> {
    let select = sql!("SELECT * FROM skills WHERE rule_level IS NOT NULL ORDER BY id");
    tx.query(select, &[]).await?.iter().map(skill_of).collect()
}

/// The skills of those ids that exist, by id.
///
/// # Errors
/// Those of the statement.
pub async fn skills_by_ids(tx: &mut Tx, ids: &[SkillId]) -> Result<Vec<Skill>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT * FROM skills WHERE id IN ");
    select.bind_list(ids.iter().copied()).push(" ORDER BY id");
    tx.query_buf(&select).await?.iter().map(skill_of).collect()
}

/// The skills of those names that exist, by name.
///
/// # Errors
/// Those of the statement.
pub async fn skills_by_names(tx: &mut Tx, names: &[String]) -> Result<Vec<Skill>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT * FROM skills WHERE name_key IN ");
    select.bind_list(names.iter().map(|name| text::key(name))).push(" ORDER BY name_key");
    tx.query_buf(&select).await?.iter().map(skill_of).collect()
}

/// Locks the skill: nobody can be given it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_skill(tx: &mut Tx, id: SkillId) -> Result<Skill> {
    let select = sql!(
        sqlite: "SELECT * FROM skills WHERE id = $1",
        postgres: "SELECT * FROM skills WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(skill_of).transpose()?.ok_or(Error::NotFound(Entity::Skill))
}

/// Stores a new skill and returns its id; `skill.id` is not looked at.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken; [`Error::NotFound`] if the team is gone.
pub async fn insert_skill(tx: &mut Tx, skill: &Skill) -> Result<SkillId> {
    let insert = sql!(
        "INSERT INTO skills (public_id, name, name_key, description, team_id, rule, rule_level, created_at, updated_at,
           version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id"
    );
    let (rule, rule_level) = columns(skill.rule.as_ref())?;
    let values = params![
        &skill.public_id,
        &skill.name,
        text::key(&skill.name),
        &skill.description,
        skill.team,
        rule,
        rule_level,
        skill.created_at,
        skill.updated_at,
        skill.version,
    ];
    tx.query_one(insert, &values).await.map_err(|error| missing(taken(error, Entity::Skill), Entity::Team))?.get("id")
}

/// # Errors
/// [`Error::Conflict`] if the name is taken; [`Error::NotFound`] if the team is gone.
pub async fn save_skill(tx: &mut Tx, skill: &Skill) -> Result<()> {
    let update = sql!(
        "UPDATE skills SET name = $2, name_key = $3, description = $4, team_id = $5, rule = $6, rule_level = $7,
           updated_at = $8, version = $9
         WHERE id = $1"
    );
    let (rule, rule_level) = columns(skill.rule.as_ref())?;
    let values = params![
        skill.id,
        &skill.name,
        text::key(&skill.name),
        &skill.description,
        skill.team,
        rule,
        rule_level,
        skill.updated_at,
        skill.version,
    ];
    tx.execute(update, &values).await.map(drop).map_err(|error| missing(taken(error, Entity::Skill), Entity::Team))
}

/// The unresolved conversations that ask for a skill, by ascending id.
///
/// # Errors
/// Those of the statement.
pub async fn asked_for_by(tx: &mut Tx, id: SkillId) -> Result<Vec<ConversationId>> {
    let select =
        sql!("SELECT id FROM conversations WHERE category <> 'resolved' AND required_skills LIKE $1 ORDER BY id");
    let rows = tx.query(select, &params![format!("%\"skill\":{id},%")]).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// Deletes a skill and takes it from whoever holds it.
///
/// # Errors
/// Those of the statements.
pub async fn delete_skill(tx: &mut Tx, id: SkillId) -> Result<()> {
    tx.execute(sql!("DELETE FROM agent_skills WHERE skill_id = $1"), &params![id]).await?;
    tx.execute(sql!("DELETE FROM skills WHERE id = $1"), &params![id]).await.map(drop)
}
