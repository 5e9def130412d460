//! Macros.

use muster_core::id::{AgentId, MacroId, TeamId};
use muster_core::macros::{Macro, Visibility};
use muster_core::{Entity, Error, Result};

use crate::constraint::missing;
use crate::db::{Row, Tx};
use crate::{json, params, sql};

const ALL: &str = "all";
const TEAM: &str = "team";
const AGENT: &str = "agent";

fn macro_of(row: &Row) -> Result<Macro> {
    let agent: Option<AgentId> = row.get("agent_id")?;
    let team: Option<TeamId> = row.get("team_id")?;
    let visibility = |word: &str| match word {
        ALL => Some(Visibility::All),
        TEAM => team.map(Visibility::Team),
        AGENT => agent.map(Visibility::Agent),
        _ => None,
    };
    Ok(Macro {
        id: row.get("id")?,
        name: row.get("name")?,
        actions: row.get_json("actions")?,
        visibility: row.get_word("visibility", visibility)?,
        occasions: row.get_json("visible_when")?,
        message: row.get("message_content")?,
        usage_count: row.get("usage_count")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

/// The word of a visibility, its agent and its team.
const fn columns(visibility: Visibility) -> (&'static str, Option<AgentId>, Option<TeamId>) {
    match visibility {
        Visibility::All => (ALL, None, None),
        Visibility::Team(team) => (TEAM, None, Some(team)),
        Visibility::Agent(agent) => (AGENT, Some(agent), None),
    }
}

/// All, the latest changed first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list(tx: &mut Tx) -> Result<Vec<Macro>> {
    let select = sql!("SELECT * FROM macros ORDER BY updated_at DESC, id DESC");
    tx.query(select, &[]).await?.iter().map(macro_of).collect()
}

/// Loads the macros that are for this agent alone, in order of id, to delete them.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_of_agent(tx: &mut Tx, agent: AgentId) -> Result<Vec<Macro>> {
    let select = sql!(
        sqlite: "SELECT * FROM macros WHERE agent_id = $1 ORDER BY id",
        postgres: "SELECT * FROM macros WHERE agent_id = $1 ORDER BY id FOR UPDATE",
    );
    tx.query(select, &params![agent]).await?.iter().map(macro_of).collect()
}

/// Loads the macros that are for this team alone, in order of id, to delete them.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_of_team(tx: &mut Tx, team: TeamId) -> Result<Vec<Macro>> {
    let select = sql!(
        sqlite: "SELECT * FROM macros WHERE team_id = $1 ORDER BY id",
        postgres: "SELECT * FROM macros WHERE team_id = $1 ORDER BY id FOR UPDATE",
    );
    tx.query(select, &params![team]).await?.iter().map(macro_of).collect()
}

/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn find(tx: &mut Tx, id: MacroId) -> Result<Macro> {
    let row = tx.query_opt(sql!("SELECT * FROM macros WHERE id = $1"), &params![id]).await?;
    row.as_ref().map(macro_of).transpose()?.ok_or(Error::NotFound(Entity::Macro))
}

/// Loads a macro to change it.
///
/// # Errors
/// As [`find`].
pub async fn lock(tx: &mut Tx, id: MacroId) -> Result<Macro> {
    let select = sql!(
        sqlite: "SELECT * FROM macros WHERE id = $1",
        postgres: "SELECT * FROM macros WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(macro_of).transpose()?.ok_or(Error::NotFound(Entity::Macro))
}

/// Stores a new macro and returns its id; `new.id` is not looked at.
///
/// # Errors
/// [`Error::NotFound`] for a team or agent that has just been deleted; else as [`Tx::query`].
pub async fn insert(tx: &mut Tx, new: &Macro) -> Result<MacroId> {
    let insert = sql!(
        "INSERT INTO macros (name, actions, visibility, visible_when, message_content, agent_id, team_id, usage_count,
           created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id"
    );
    let (visibility, agent, team) = columns(new.visibility);
    let values = params![
        &new.name,
        json(&new.actions)?,
        visibility,
        json(&new.occasions)?,
        &new.message,
        agent,
        team,
        new.usage_count,
        new.created_at,
        new.updated_at,
        new.version,
    ];
    tx.query_one(insert, &values).await.map_err(|error| missing(error, Entity::Team))?.get("id")
}

/// Saves a macro that was locked, but not how often it was used.
///
/// # Errors
/// As [`insert`].
pub async fn save(tx: &mut Tx, changed: &Macro) -> Result<()> {
    let update = sql!(
        "UPDATE macros SET name = $2, actions = $3, visibility = $4, visible_when = $5, message_content = $6,
           agent_id = $7, team_id = $8, updated_at = $9, version = $10
         WHERE id = $1"
    );
    let (visibility, agent, team) = columns(changed.visibility);
    let values = params![
        changed.id,
        &changed.name,
        json(&changed.actions)?,
        visibility,
        json(&changed.occasions)?,
        &changed.message,
        agent,
        team,
        changed.updated_at,
        changed.version,
    ];
    tx.execute(update, &values).await.map(drop).map_err(|error| missing(error, Entity::Team))
}

/// Counts one more use.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn count_use(tx: &mut Tx, id: MacroId) -> Result<()> {
    let update = sql!("UPDATE macros SET usage_count = usage_count + 1 WHERE id = $1");
    tx.execute(update, &params![id]).await.map(drop)
}

/// # Errors
/// As [`Tx::execute`].
pub async fn delete(tx: &mut Tx, id: MacroId) -> Result<()> {
    tx.execute(sql!("DELETE FROM macros WHERE id = $1"), &params![id]).await.map(drop)
}
