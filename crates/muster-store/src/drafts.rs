//! Drafts.

use muster_core::access::Scope;
use muster_core::draft::{Draft, DraftContent, DraftKind};
use muster_core::id::{AgentId, ConversationId};
use muster_core::{Result, Timestamp};
use uuid::Uuid;

use crate::conversations::within;
use crate::db::{Row, SqlBuf, Tx};
use crate::{json, params, sql};

/// Keeps a draft in place of the agent's earlier one of the same kind in the same conversation.
///
/// # Errors
/// As [`Tx::query`].
pub async fn put(
    tx: &mut Tx,
    conversation: ConversationId,
    agent: AgentId,
    draft: &DraftContent,
    now: Timestamp,
) -> Result<Draft> {
    let DraftContent { kind, content, meta } = draft;
    let upsert = sql!(
        "INSERT INTO drafts (conversation_id, agent_id, kind, content, meta, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (conversation_id, agent_id, kind)
           DO UPDATE SET content = excluded.content, meta = excluded.meta, updated_at = excluded.updated_at
         RETURNING *"
    );
    let params = params![conversation, agent, kind.as_str(), content, json(meta)?, now];
    from_row(&tx.query_one(upsert, &params).await?)
}

/// A draft with the conversation it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedDraft {
    pub draft: Draft,
    pub conversation_uuid: Uuid,
}

/// The latest drafts of an agent in conversations within `scope`, up to `limit`, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_of_agent(tx: &mut Tx, agent: AgentId, scope: &Scope, limit: i64) -> Result<Vec<PlacedDraft>> {
    let mut select = SqlBuf::new(
        "SELECT d.*, c.uuid AS conversation_uuid FROM drafts d JOIN conversations c ON c.id = d.conversation_id
         WHERE d.agent_id = ",
    );
    select.bind(agent).push(" AND ");
    within(&mut select, scope);
    select.push(" ORDER BY d.id DESC LIMIT ").bind(limit);
    let placed =
        |row: &Row| Ok(PlacedDraft { draft: from_row(row)?, conversation_uuid: row.get("conversation_uuid")? });
    let mut drafts: Vec<_> = tx.query_buf(&select).await?.iter().map(placed).collect::<Result<_>>()?;
    drafts.reverse();
    Ok(drafts)
}

/// All drafts that stand in a conversation, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_of_conversation(tx: &mut Tx, conversation: ConversationId) -> Result<Vec<Draft>> {
    let select = sql!("SELECT * FROM drafts WHERE conversation_id = $1 ORDER BY id");
    tx.query(select, &params![conversation]).await?.iter().map(from_row).collect()
}

/// Deletes an agent's draft of a kind in a conversation, or of every kind.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete(tx: &mut Tx, conversation: ConversationId, agent: AgentId, kind: Option<DraftKind>) -> Result<()> {
    let mut delete = SqlBuf::new("DELETE FROM drafts WHERE conversation_id = ");
    delete.bind(conversation).push(" AND agent_id = ").bind(agent);
    if let Some(kind) = kind {
        delete.push(" AND kind = ").bind(kind.as_str());
    }
    tx.execute_buf(&delete).await.map(drop)
}

/// Deletes all drafts of an agent.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_of_agent(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM drafts WHERE agent_id = $1"), &params![agent]).await.map(drop)
}

fn from_row(row: &Row) -> Result<Draft> {
    Ok(Draft {
        id: row.get("id")?,
        conversation: row.get("conversation_id")?,
        agent: row.get("agent_id")?,
        kind: row.get_word("kind", DraftKind::parse)?,
        content: row.get("content")?,
        meta: row.get_json("meta")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
