//! Teams. Their members are in [`agents`](crate::agents).

use muster_core::id::{AgentId, TeamId};
use muster_core::team::{Team, TeamMode};
use muster_core::text;
use muster_core::{Entity, Error, Result, Timestamp};

use crate::constraint::{missing, taken};
use crate::db::{Row, SqlBuf, Tx, lost_race};
use crate::{params, sql};

fn team_of(row: &Row) -> Result<Team> {
    Ok(Team {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        name: row.get("name")?,
        emoji: row.get("emoji")?,
        description: row.get("description")?,
        email: row.get("email")?,
        enabled: row.get("enabled")?,
        archived_at: row.get("archived_at")?,
        mode: row.get_word("mode", TeamMode::parse)?,
        method: row.get("method")?,
        member_cap: row.get("member_cap")?,
        timezone: row.get("timezone")?,
        business_hours: row.get("business_hours_id")?,
        sla_policy: row.get("sla_policy_id")?,
        fallback_team: row.get("fallback_team_id")?,
        forward_to: row.get_json("forward_to")?,
        accepts_when_absent: row.get("accepts_when_absent")?,
        offered_at_start: row.get("offered_at_start")?,
        offered_when_closed: row.get("offered_when_closed")?,
        closing_tags: row.get_json("closing_tags")?,
        tag_required: row.get("tag_required")?,
        wrap_up_ms: row.get("wrap_up_ms")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

/// All teams, the latest changed first.
///
/// # Errors
/// Those of the statement.
pub async fn list(tx: &mut Tx) -> Result<Vec<Team>> {
    tx.query(sql!("SELECT * FROM teams ORDER BY updated_at DESC, id DESC"), &[]).await?.iter().map(team_of).collect()
}

/// The agent's teams, the latest changed first.
///
/// # Errors
/// Those of the statement.
pub async fn list_of_agent(tx: &mut Tx, agent: AgentId) -> Result<Vec<Team>> {
    let select = sql!(
        "SELECT t.* FROM teams t JOIN memberships m ON m.team_id = t.id WHERE m.agent_id = $1
         ORDER BY t.updated_at DESC, t.id DESC"
    );
    tx.query(select, &params![agent]).await?.iter().map(team_of).collect()
}

/// # Errors
/// [`Error::NotFound`].
pub async fn team(tx: &mut Tx, id: TeamId) -> Result<Team> {
    find_team(tx, id).await?.ok_or(Error::NotFound(Entity::Team))
}

/// # Errors
/// Those of the statement.
pub async fn find_team(tx: &mut Tx, id: TeamId) -> Result<Option<Team>> {
    tx.query_opt(sql!("SELECT * FROM teams WHERE id = $1"), &params![id]).await?.as_ref().map(team_of).transpose()
}

/// # Errors
/// Those of the statement.
pub async fn find_by_name(tx: &mut Tx, name: &str) -> Result<Option<Team>> {
    let select = sql!("SELECT * FROM teams WHERE name_key = $1");
    tx.query_opt(select, &params![text::key(name)]).await?.as_ref().map(team_of).transpose()
}

/// The teams of these names that exist, by name; names are compared folded.
///
/// # Errors
/// Those of the statement.
pub async fn teams_by_names(tx: &mut Tx, names: &[String]) -> Result<Vec<Team>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT * FROM teams WHERE name_key IN ");
    select.bind_list(names.iter().map(|name| text::key(name))).push(" ORDER BY name_key");
    tx.query_buf(&select).await?.iter().map(team_of).collect()
}

/// # Errors
/// [`Error::NotFound`].
pub async fn team_by_public_id(tx: &mut Tx, public_id: &str) -> Result<Team> {
    let row = tx.query_opt(sql!("SELECT * FROM teams WHERE public_id = $1"), &params![public_id]).await?;
    row.as_ref().map(team_of).transpose()?.ok_or(Error::NotFound(Entity::Team))
}

/// The teams of those ids that exist, by id.
///
/// # Errors
/// Those of the statement.
pub async fn teams_by_ids(tx: &mut Tx, ids: &[TeamId]) -> Result<Vec<Team>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT * FROM teams WHERE id IN ");
    select.bind_list(ids.iter().copied()).push(" ORDER BY id");
    tx.query_buf(&select).await?.iter().map(team_of).collect()
}

/// Locks the team, after the agents and before conversations: nobody can join it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_team(tx: &mut Tx, id: TeamId) -> Result<Team> {
    let select = sql!(
        sqlite: "SELECT * FROM teams WHERE id = $1",
        postgres: "SELECT * FROM teams WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(team_of).transpose()?.ok_or(Error::NotFound(Entity::Team))
}

/// Locks every team, in ascending order of id.
///
/// # Errors
/// Those of the statement.
pub async fn lock_teams(tx: &mut Tx) -> Result<Vec<Team>> {
    let select = sql!(
        sqlite: "SELECT * FROM teams ORDER BY id",
        postgres: "SELECT * FROM teams ORDER BY id FOR UPDATE",
    );
    tx.query(select, &[]).await?.iter().map(team_of).collect()
}

/// Stores a new team and returns its id; `team.id` is not looked at.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken; [`Error::NotFound`] if the fallback team is gone.
pub async fn insert_team(tx: &mut Tx, team: &Team) -> Result<TeamId> {
    let insert = sql!(
        "INSERT INTO teams (public_id, name, name_key, emoji, description, email, enabled, archived_at, mode, method,
             member_cap, timezone, business_hours_id, sla_policy_id, fallback_team_id, forward_to, accepts_when_absent,
             offered_at_start, offered_when_closed, closing_tags, tag_required, wrap_up_ms, created_at, updated_at,
             version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25)
         RETURNING id"
    );
    let values = params![
        &team.public_id,
        &team.name,
        text::key(&team.name),
        team.emoji.as_deref(),
        &team.description,
        team.email.as_deref(),
        team.enabled,
        team.archived_at,
        team.mode.as_str(),
        team.method.as_deref(),
        team.member_cap,
        &team.timezone,
        team.business_hours,
        team.sla_policy,
        team.fallback_team,
        serde_json::to_string(&team.forward_to).map_err(Error::internal)?,
        team.accepts_when_absent,
        team.offered_at_start,
        team.offered_when_closed,
        serde_json::to_string(&team.closing_tags).map_err(Error::internal)?,
        team.tag_required,
        team.wrap_up_ms,
        team.created_at,
        team.updated_at,
        team.version,
    ];
    tx.query_one(insert, &values).await.map_err(|error| missing(taken(error, Entity::Team), Entity::Team))?.get("id")
}

/// # Errors
/// [`Error::Conflict`] if the name is taken; [`Error::NotFound`] if the fallback team is gone.
pub async fn save_team(tx: &mut Tx, team: &Team) -> Result<()> {
    let update = sql!(
        "UPDATE teams
         SET name = $2, name_key = $3, emoji = $4, description = $5, email = $6, enabled = $7, archived_at = $8,
             mode = $9, method = $10, member_cap = $11, timezone = $12, business_hours_id = $13, sla_policy_id = $14,
             fallback_team_id = $15, forward_to = $16, accepts_when_absent = $17, offered_at_start = $18,
             offered_when_closed = $19, closing_tags = $20, tag_required = $21, wrap_up_ms = $22, updated_at = $23,
             version = $24
         WHERE id = $1"
    );
    let values = params![
        team.id,
        &team.name,
        text::key(&team.name),
        team.emoji.as_deref(),
        &team.description,
        team.email.as_deref(),
        team.enabled,
        team.archived_at,
        team.mode.as_str(),
        team.method.as_deref(),
        team.member_cap,
        &team.timezone,
        team.business_hours,
        team.sla_policy,
        team.fallback_team,
        serde_json::to_string(&team.forward_to).map_err(Error::internal)?,
        team.accepts_when_absent,
        team.offered_at_start,
        team.offered_when_closed,
        serde_json::to_string(&team.closing_tags).map_err(Error::internal)?,
        team.tag_required,
        team.wrap_up_ms,
        team.updated_at,
        team.version,
    ];
    tx.execute(update, &values).await.map(drop).map_err(|error| missing(taken(error, Entity::Team), Entity::Team))
}

/// Deletes a team to which nothing points any more but skills, which lose it.
///
/// # Errors
/// Those of the statements; [`lost_race`] if another team has just taken this one as its fallback.
pub async fn delete_team(tx: &mut Tx, id: TeamId, now: Timestamp) -> Result<()> {
    let skills = sql!("UPDATE skills SET team_id = NULL, updated_at = $2, version = version + 1 WHERE team_id = $1");
    tx.execute(skills, &params![id, now]).await?;
    let deleted = tx.execute(sql!("DELETE FROM teams WHERE id = $1"), &params![id]).await;
    deleted.map(drop).map_err(|error| match missing(error, Entity::Team) {
        Error::NotFound(_) => lost_race(),
        error => error,
    })
}
