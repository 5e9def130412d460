//! Saved views.

use muster_core::id::{AgentId, TeamId, ViewId};
use muster_core::saved_view::{SavedView, SeenBy};
use muster_core::{Entity, Error, Result};

use crate::constraint::missing;
use crate::db::{Row, SqlBuf, Tx};
use crate::{json, params, sql};

fn view_of(row: &Row) -> Result<SavedView> {
    let agent: Option<AgentId> = row.get("agent_id")?;
    let team: Option<TeamId> = row.get("team_id")?;
    let seen_by = |word: &str| match word {
        "agent" => agent.map(SeenBy::Agent),
        "team" => team.map(SeenBy::Team),
        "everybody" => Some(SeenBy::Everybody),
        _ => None,
    };
    Ok(SavedView {
        id: row.get("id")?,
        name: row.get("name")?,
        filter: row.get_json("filters")?,
        seen_by: row.get_word("visibility", seen_by)?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

/// # Errors
/// [`Error::NotFound`].
pub async fn view(tx: &mut Tx, id: ViewId) -> Result<SavedView> {
    let row = tx.query_opt(sql!("SELECT * FROM views WHERE id = $1"), &params![id]).await?;
    row.as_ref().map(view_of).transpose()?.ok_or(Error::NotFound(Entity::View))
}

/// Loads a view to change it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock(tx: &mut Tx, id: ViewId) -> Result<SavedView> {
    let select = sql!(
        sqlite: "SELECT * FROM views WHERE id = $1",
        postgres: "SELECT * FROM views WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(view_of).transpose()?.ok_or(Error::NotFound(Entity::View))
}

/// An agent's own views, by id.
///
/// # Errors
/// Those of the statement.
pub async fn list_of_agent(tx: &mut Tx, agent: AgentId) -> Result<Vec<SavedView>> {
    let select = sql!("SELECT * FROM views WHERE agent_id = $1 ORDER BY id");
    tx.query(select, &params![agent]).await?.iter().map(view_of).collect()
}

/// The views of a team, by id.
///
/// # Errors
/// Those of the statement.
pub async fn list_of_team(tx: &mut Tx, team: TeamId) -> Result<Vec<SavedView>> {
    let select = sql!("SELECT * FROM views WHERE team_id = $1 ORDER BY id");
    tx.query(select, &params![team]).await?.iter().map(view_of).collect()
}

/// All shared views, by id.
///
/// # Errors
/// Those of the statement.
pub async fn list_shared(tx: &mut Tx) -> Result<Vec<SavedView>> {
    let select = sql!("SELECT * FROM views WHERE visibility <> 'agent' ORDER BY id");
    tx.query(select, &[]).await?.iter().map(view_of).collect()
}

/// The views that are shared with everybody or with one of these teams, by id.
///
/// # Errors
/// Those of the statement.
pub async fn list_shared_with(tx: &mut Tx, teams: &[TeamId]) -> Result<Vec<SavedView>> {
    let mut select = SqlBuf::new("SELECT * FROM views WHERE visibility = 'everybody'");
    if !teams.is_empty() {
        select.push(" OR team_id IN ").bind_list(teams.iter().copied());
    }
    select.push(" ORDER BY id");
    tx.query_buf(&select).await?.iter().map(view_of).collect()
}

/// Stores a new view and returns its id; `view.id` is not looked at.
///
/// # Errors
/// [`Error::NotFound`] for a team that isn't there.
pub async fn insert(tx: &mut Tx, view: &SavedView) -> Result<ViewId> {
    let insert = sql!(
        "INSERT INTO views (name, filters, visibility, agent_id, team_id, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"
    );
    let (agent, team) = whose(view.seen_by);
    let values = params![
        &view.name,
        json(&view.filter)?,
        view.seen_by.as_str(),
        agent,
        team,
        view.created_at,
        view.updated_at,
        view.version,
    ];
    tx.query_one(insert, &values).await.map_err(|error| missing(error, Entity::Team))?.get("id")
}

/// Saves a view that was locked.
///
/// # Errors
/// As [`insert`].
pub async fn save(tx: &mut Tx, view: &SavedView) -> Result<()> {
    let update = sql!(
        "UPDATE views SET name = $2, filters = $3, visibility = $4, agent_id = $5, team_id = $6, updated_at = $7, version = $8
         WHERE id = $1"
    );
    let (agent, team) = whose(view.seen_by);
    let values = params![
        view.id,
        &view.name,
        json(&view.filter)?,
        view.seen_by.as_str(),
        agent,
        team,
        view.updated_at,
        view.version,
    ];
    tx.execute(update, &values).await.map(drop).map_err(|error| missing(error, Entity::Team))
}

/// # Errors
/// Those of the statement.
pub async fn delete(tx: &mut Tx, id: ViewId) -> Result<()> {
    tx.execute(sql!("DELETE FROM views WHERE id = $1"), &params![id]).await.map(drop)
}

const fn whose(seen_by: SeenBy) -> (Option<AgentId>, Option<TeamId>) {
    match seen_by {
        SeenBy::Agent(agent) => (Some(agent), None),
        SeenBy::Team(team) => (None, Some(team)),
        SeenBy::Everybody => (None, None),
    }
}
