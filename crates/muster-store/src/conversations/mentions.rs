//! Where somebody is mentioned.

use std::collections::BTreeMap;

use muster_core::Result;
use muster_core::id::{AgentId, ConversationId, TeamId};
use muster_core::view::ConversationItem;
use uuid::Uuid;

use crate::db::{Row, SqlBuf, Tx};

/// Puts to each conversation the latest message of it that mentions the agent or one of the teams.
pub(super) async fn put(tx: &mut Tx, agent: AgentId, teams: &[TeamId], items: &mut [ConversationItem]) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let mut select = SqlBuf::new(
        "SELECT m.conversation_id, m.uuid FROM messages m JOIN (
           SELECT MAX(message_id) AS id FROM mentions WHERE (agent_id = ",
    );
    select.bind(agent);
    if !teams.is_empty() {
        select.push(" OR team_id IN ").bind_list(teams.iter().copied());
    }
    select.push(") AND conversation_id IN ").bind_list(items.iter().map(|item| item.id));
    select.push(" GROUP BY conversation_id) latest ON latest.id = m.id");
    let found = tx.query_buf(&select).await?;
    let pair = |row: &Row| Ok((row.get("conversation_id")?, row.get("uuid")?));
    let latest: BTreeMap<ConversationId, Uuid> = found.iter().map(pair).collect::<Result<_>>()?;
    for item in items {
        item.mentioned_in = latest.get(&item.id).copied();
    }
    Ok(())
}
