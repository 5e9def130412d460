//! Mentions: whom notes call.

use muster_core::id::{AgentId, ConversationId, MessageId, TeamId};
use muster_core::mention::Mentions;
use muster_core::{Result, Timestamp};

use crate::db::{Engine, SqlBuf, Tx};
use crate::{params, sql};

/// Those of these agents, people and bots, who were not deleted, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn live_agents(tx: &mut Tx, ids: &[AgentId]) -> Result<Vec<AgentId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT id FROM agents WHERE deleted_at IS NULL AND kind <> 'system' AND id IN ");
    select.bind_list(ids.iter().copied()).push(" ORDER BY id");
    tx.query_buf(&select).await?.iter().map(|row| row.get("id")).collect()
}

/// Those of these teams that there are, in order of id; none of them is deleted until the transaction ends.
///
/// # Errors
/// As [`Tx::query`].
pub async fn hold_teams(tx: &mut Tx, ids: &[TeamId]) -> Result<Vec<TeamId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT id FROM teams WHERE id IN ");
    select.bind_list(ids.iter().copied()).push(" ORDER BY id");
    if tx.engine() == Engine::Postgres {
        select.push(" FOR KEY SHARE");
    }
    tx.query_buf(&select).await?.iter().map(|row| row.get("id")).collect()
}

/// The members of these teams, each once, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn members(tx: &mut Tx, teams: &[TeamId]) -> Result<Vec<AgentId>> {
    if teams.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT DISTINCT agent_id FROM memberships WHERE team_id IN ");
    select.bind_list(teams.iter().copied()).push(" ORDER BY agent_id");
    tx.query_buf(&select).await?.iter().map(|row| row.get("agent_id")).collect()
}

/// Notes whom a message calls: at least one agent or team.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn insert(
    tx: &mut Tx,
    conversation: ConversationId,
    message: MessageId,
    mentions: &Mentions,
    now: Timestamp,
) -> Result<()> {
    let agents = mentions.agents.iter().map(|agent| (Some(*agent), None));
    let teams = mentions.teams.iter().map(|team| (None, Some(*team)));
    let mut insert =
        SqlBuf::new("INSERT INTO mentions (message_id, conversation_id, agent_id, team_id, created_at) VALUES ");
    for (at, (agent, team)) in agents.chain(teams).enumerate() {
        insert.push(if at > 0 { ", (" } else { "(" }).bind(message).push(", ").bind(conversation);
        insert.push(", ").bind(agent).push(", ").bind(team).push(", ").bind(now).push(")");
    }
    tx.execute_buf(&insert).await.map(drop)
}

/// A mention as it is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mentioned {
    /// The number of the note.
    pub seq: i64,
    pub agent: Option<AgentId>,
    pub team: Option<TeamId>,
    pub at: Timestamp,
}

/// All mentions of a conversation, in order.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_of_conversation(tx: &mut Tx, conversation: ConversationId) -> Result<Vec<Mentioned>> {
    let select = sql!(
        "SELECT m.seq, n.agent_id, n.team_id, n.created_at FROM mentions n JOIN messages m ON m.id = n.message_id
         WHERE n.conversation_id = $1 ORDER BY n.id"
    );
    let mentioned = |row: &crate::Row| {
        let (seq, agent, team) = (row.get("seq")?, row.get("agent_id")?, row.get("team_id")?);
        Ok(Mentioned { seq, agent, team, at: row.get("created_at")? })
    };
    tx.query(select, &params![conversation]).await?.iter().map(mentioned).collect()
}

/// Deletes all mentions of a team.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_of_team(tx: &mut Tx, team: TeamId) -> Result<()> {
    tx.execute(sql!("DELETE FROM mentions WHERE team_id = $1"), &params![team]).await.map(drop)
}

/// Deletes all mentions by a message.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_of_message(tx: &mut Tx, message: MessageId) -> Result<()> {
    tx.execute(sql!("DELETE FROM mentions WHERE message_id = $1"), &params![message]).await.map(drop)
}
