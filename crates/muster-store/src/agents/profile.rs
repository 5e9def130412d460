//! Whole profiles: read, or locked to be changed.

use std::collections::BTreeMap;

use muster_core::agent::{Agent, ApiKeySummary, Profile};
use muster_core::id::{AgentId, TeamId};
use muster_core::{Entity, Error, Result};

use super::{row, state};
use crate::db::{Row, Sql, SqlBuf, Tx};
use crate::{params, sql};

/// Most agents asked for in one statement.
const CHUNK: usize = 512;

/// Which agents are asked for.
#[derive(Clone, Copy)]
enum Which<'a> {
    Ids(&'a [AgentId]),
    /// People and bots that were not deleted.
    All,
}

/// The agent's own row, also of deleted agents.
///
/// # Errors
/// Those of the statement.
pub async fn find_agent(tx: &mut Tx, id: AgentId) -> Result<Option<Agent>> {
    let row = tx.query_opt(sql!("SELECT * FROM agents WHERE id = $1"), &params![id]).await?;
    row.as_ref().map(row::agent).transpose()
}

/// # Errors
/// [`Error::NotFound`] if there is none of that id, or it was deleted.
pub async fn profile(tx: &mut Tx, id: AgentId) -> Result<Profile> {
    find_profile(tx, id).await?.ok_or(Error::NotFound(Entity::Agent))
}

/// The profile, unless there is none of that id or it was deleted.
///
/// # Errors
/// Those of the statements.
pub async fn find_profile(tx: &mut Tx, id: AgentId) -> Result<Option<Profile>> {
    Ok(load(tx, Which::Ids(&[id])).await?.pop())
}

/// The profiles of those agents that exist, by ascending id.
///
/// # Errors
/// Those of the statements.
pub async fn profiles_by_ids(tx: &mut Tx, ids: &[AgentId]) -> Result<Vec<Profile>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut profiles = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        profiles.append(&mut load(tx, Which::Ids(chunk)).await?);
    }
    Ok(profiles)
}

/// All people and bots that were not deleted, by ascending id, in as many statements as one profile takes.
///
/// # Errors
/// Those of the statements.
pub async fn all_profiles(tx: &mut Tx) -> Result<Vec<Profile>> {
    load(tx, Which::All).await
}

/// The members of the team, and whoever is in no team at all; of these the people and bots that were not deleted, by
/// ascending id.
///
/// # Errors
/// Those of the statements.
pub async fn profiles_around(tx: &mut Tx, team: TeamId) -> Result<Vec<Profile>> {
    let ids = sql!(
        "SELECT a.id FROM agents a
         WHERE a.deleted_at IS NULL AND a.kind <> 'system'
           AND (EXISTS (SELECT 1 FROM memberships m WHERE m.agent_id = a.id AND m.team_id = $1)
                OR NOT EXISTS (SELECT 1 FROM memberships m WHERE m.agent_id = a.id))"
    );
    let ids: Vec<AgentId> =
        tx.query(ids, &params![team]).await?.iter().map(|row| row.get("id")).collect::<Result<_>>()?;
    profiles_by_ids(tx, &ids).await
}

/// Locks the agent against every other change and reads it.
///
/// # Errors
/// As [`profile`].
pub async fn lock_profile(tx: &mut Tx, id: AgentId) -> Result<Profile> {
    state::lock(tx, &[id]).await?;
    profile(tx, id).await
}

/// [`lock_profile`] for several, in the order that avoids deadlocks; agents that don't exist are left out.
///
/// # Errors
/// Those of the statements.
pub async fn lock_profiles(tx: &mut Tx, ids: &[AgentId]) -> Result<Vec<Profile>> {
    state::lock(tx, ids).await?;
    profiles_by_ids(tx, ids).await
}

async fn load(tx: &mut Tx, which: Which<'_>) -> Result<Vec<Profile>> {
    let agents = select(
        tx,
        which,
        sql!(
            "SELECT a.*, s.* FROM agents a JOIN agent_state s ON s.agent_id = a.id
             WHERE a.id = $1 AND a.deleted_at IS NULL"
        ),
        "SELECT a.*, s.* FROM agents a JOIN agent_state s ON s.agent_id = a.id WHERE a.deleted_at IS NULL AND a.id IN ",
        " ORDER BY a.id",
    )
    .await?;
    if agents.is_empty() {
        return Ok(Vec::new());
    }
    let mut roles = roles(tx, which).await?;
    let mut teams = teams(tx, which).await?;
    let mut skills = skills(tx, which).await?;
    let mut keys = api_keys(tx, which).await?;
    agents
        .iter()
        .map(|found| {
            let agent = row::agent(found)?;
            let id = agent.id;
            Ok(Profile {
                state: row::state(found)?,
                roles: roles.remove(&id).unwrap_or_default(),
                teams: teams.remove(&id).unwrap_or_default(),
                skills: skills.remove(&id).unwrap_or_default(),
                api_key: keys.remove(&id).and_then(|mut keys| keys.pop()),
                agent,
            })
        })
        .collect()
}

type ByAgent<T> = BTreeMap<AgentId, Vec<T>>;

async fn roles(tx: &mut Tx, which: Which<'_>) -> Result<ByAgent<muster_core::agent::HeldRole>> {
    let rows = select(
        tx,
        which,
        sql!(
            "SELECT h.agent_id, r.id, r.key, r.name, r.permissions
             FROM agent_roles h JOIN roles r ON r.id = h.role_id
             WHERE h.agent_id = $1 ORDER BY r.name_key, r.id"
        ),
        "SELECT h.agent_id, r.id, r.key, r.name, r.permissions
         FROM agent_roles h JOIN roles r ON r.id = h.role_id WHERE h.agent_id IN ",
        " ORDER BY h.agent_id, r.name_key, r.id",
    )
    .await?;
    by_agent(&rows, row::held_role)
}

async fn teams(tx: &mut Tx, which: Which<'_>) -> Result<ByAgent<muster_core::agent::HeldTeam>> {
    let rows = select(
        tx,
        which,
        sql!(
            "SELECT m.*, t.name, t.emoji FROM memberships m JOIN teams t ON t.id = m.team_id
             WHERE m.agent_id = $1 ORDER BY m.team_id"
        ),
        "SELECT m.*, t.name, t.emoji FROM memberships m JOIN teams t ON t.id = m.team_id WHERE m.agent_id IN ",
        " ORDER BY m.agent_id, m.team_id",
    )
    .await?;
    by_agent(&rows, row::held_team)
}

async fn skills(tx: &mut Tx, which: Which<'_>) -> Result<ByAgent<muster_core::agent::HeldSkill>> {
    let rows = select(
        tx,
        which,
        sql!(
            "SELECT h.agent_id, h.skill_id, s.name, h.source, h.level
             FROM agent_skills h JOIN skills s ON s.id = h.skill_id
             WHERE h.agent_id = $1 ORDER BY s.name_key, h.source DESC"
        ),
        "SELECT h.agent_id, h.skill_id, s.name, h.source, h.level
         FROM agent_skills h JOIN skills s ON s.id = h.skill_id WHERE h.agent_id IN ",
        " ORDER BY h.agent_id, s.name_key, h.source DESC",
    )
    .await?;
    by_agent(&rows, row::held_skill)
}

async fn api_keys(tx: &mut Tx, which: Which<'_>) -> Result<ByAgent<ApiKeySummary>> {
    let rows = select(
        tx,
        which,
        sql!("SELECT agent_id, key_id, last_used_at FROM api_keys WHERE agent_id = $1 AND name = 'default'"),
        "SELECT agent_id, key_id, last_used_at FROM api_keys WHERE name = 'default' AND agent_id IN ",
        " ORDER BY agent_id",
    )
    .await?;
    by_agent(&rows, |row| Ok(ApiKeySummary { key_id: row.get("key_id")?, last_used_at: row.get("last_used_at")? }))
}

/// The rows of one agent by a prepared text; of several by a text with a list.
async fn select(tx: &mut Tx, which: Which<'_>, one: Sql, head: &'static str, tail: &'static str) -> Result<Vec<Row>> {
    let mut many = SqlBuf::new(head);
    match which {
        Which::Ids([id]) => return tx.query(one, &params![*id]).await,
        Which::Ids(ids) => many.bind_list(ids.iter().copied()),
        Which::All => many.push("(SELECT id FROM agents WHERE deleted_at IS NULL AND kind <> 'system')"),
    };
    many.push(tail);
    tx.query_buf(&many).await
}

fn by_agent<T>(rows: &[Row], part: impl Fn(&Row) -> Result<T>) -> Result<ByAgent<T>> {
    let mut parts: ByAgent<T> = BTreeMap::new();
    for row in rows {
        parts.entry(row.get("agent_id")?).or_default().push(part(row)?);
    }
    Ok(parts)
}
