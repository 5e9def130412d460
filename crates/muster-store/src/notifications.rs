//! Notifications of agents.

use muster_core::access::{Scope, Subject};
use muster_core::id::{AgentId, ConversationId, MessageId, NotificationId};
use muster_core::notification::{
    Notification, NotificationActor, NotificationCounts, NotificationKind, NotificationView,
};
use muster_core::{Result, Timestamp};

use crate::conversations::within;
use crate::db::{Row, SqlBuf, Tx};
use crate::{params, sql};

/// Rows of one statement: few enough for the parameters that either engine takes.
const CHUNK: usize = 64;

/// What some agents are to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    pub agents: Vec<AgentId>,
    pub kind: NotificationKind,
    pub title: String,
    pub body: Option<String>,
    pub conversation: Option<ConversationId>,
    pub message: Option<MessageId>,
    pub actor: Option<AgentId>,
}

/// Inserts a notification for each of the agents. Tells which is whose.
///
/// # Errors
/// As [`Tx::query`].
pub async fn insert(tx: &mut Tx, new: &NewNotification, now: Timestamp) -> Result<Vec<(NotificationId, AgentId)>> {
    let mut inserted = Vec::with_capacity(new.agents.len());
    for agents in new.agents.chunks(CHUNK) {
        let mut insert = SqlBuf::new(
            "INSERT INTO notifications (agent_id, kind, title, body, conversation_id, message_id, actor_id, meta,
               created_at, updated_at) VALUES ",
        );
        for (at, agent) in agents.iter().enumerate() {
            insert.push(if at > 0 { ", (" } else { "(" }).bind(*agent);
            bind(&mut insert, new, now);
        }
        insert.push(" RETURNING id, agent_id");
        for row in tx.query_buf(&insert).await? {
            inserted.push((row.get("id")?, row.get("agent_id")?));
        }
    }
    inserted.sort_unstable();
    Ok(inserted)
}

fn bind(insert: &mut SqlBuf, new: &NewNotification, now: Timestamp) {
    insert.push(", ").bind(new.kind.as_str());
    insert.push(", ").bind(&new.title);
    insert.push(", ").bind(new.body.as_ref());
    insert.push(", ").bind(new.conversation);
    insert.push(", ").bind(new.message);
    insert.push(", ").bind(new.actor);
    insert.push(", '{}', ").bind(now);
    insert.push(", ").bind(now).push(")");
}

const VIEW: &str =
    "SELECT n.id, n.agent_id, n.kind, n.title, n.body, n.conversation_id, n.message_id, n.actor_id, n.meta,
      n.read_at, n.created_at, n.updated_at, a.first_name AS actor_first_name, a.last_name AS actor_last_name,
      a.avatar_url AS actor_avatar_url, c.uuid AS conversation_uuid, m.uuid AS message_uuid, c.assignee_id, c.team_id,
      c.contact_id, c.inbox_id
    FROM notifications n LEFT JOIN agents a ON a.id = n.actor_id LEFT JOIN conversations c ON c.id = n.conversation_id
      LEFT JOIN messages m ON m.id = n.message_id";

/// Some notifications of an agent, the newest first: those about conversations within `scope`, and about none.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list(
    tx: &mut Tx,
    agent: AgentId,
    scope: &Scope,
    limit: i64,
    offset: i64,
) -> Result<Vec<NotificationView>> {
    let mut select = SqlBuf::new(VIEW);
    select.push(" WHERE n.agent_id = ").bind(agent).push(" AND (n.conversation_id IS NULL OR ");
    within(&mut select, scope);
    select.push(") ORDER BY n.id DESC LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    tx.query_buf(&select).await?.iter().map(view).collect()
}

/// How many notifications [`list`] has, and how many of them are unread.
///
/// # Errors
/// As [`Tx::query`].
pub async fn count(tx: &mut Tx, agent: AgentId, scope: &Scope) -> Result<NotificationCounts> {
    let mut count = SqlBuf::new(
        "SELECT COUNT(*) AS total, COUNT(*) - COUNT(n.read_at) AS unread
         FROM notifications n LEFT JOIN conversations c ON c.id = n.conversation_id WHERE n.agent_id = ",
    );
    count.bind(agent).push(" AND (n.conversation_id IS NULL OR ");
    within(&mut count, scope);
    count.push(")");
    match tx.query_buf(&count).await?.first() {
        Some(row) => Ok(NotificationCounts { unread: row.get("unread")?, total: row.get("total")? }),
        None => Ok(NotificationCounts { unread: 0, total: 0 }),
    }
}

/// Notifications by id, in order of id. Ids that are no notification's are left out.
///
/// # Errors
/// As [`Tx::query`].
pub async fn views_by_ids(tx: &mut Tx, ids: &[NotificationId]) -> Result<Vec<NotificationView>> {
    let mut select = SqlBuf::new(VIEW);
    select.push(" WHERE n.id IN ").bind_list(ids.iter().copied()).push(" ORDER BY n.id");
    tx.query_buf(&select).await?.iter().map(view).collect()
}

/// All notifications about a conversation, whose ever they are, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_of_conversation(tx: &mut Tx, conversation: ConversationId) -> Result<Vec<Notification>> {
    let select = sql!("SELECT * FROM notifications WHERE conversation_id = $1 ORDER BY id");
    tx.query(select, &params![conversation]).await?.iter().map(from_row).collect()
}

/// Marks one of an agent's notifications as read. False if it isn't theirs.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn mark_read(tx: &mut Tx, agent: AgentId, id: NotificationId, now: Timestamp) -> Result<bool> {
    let update = sql!(
        "UPDATE notifications SET read_at = COALESCE(read_at, $3),
           updated_at = CASE WHEN read_at IS NULL THEN $3 ELSE updated_at END
         WHERE id = $1 AND agent_id = $2"
    );
    Ok(tx.execute(update, &params![id, agent, now]).await? == 1)
}

/// Marks all notifications of an agent as read.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn mark_all_read(tx: &mut Tx, agent: AgentId, now: Timestamp) -> Result<()> {
    let update = sql!("UPDATE notifications SET read_at = $2, updated_at = $2 WHERE agent_id = $1 AND read_at IS NULL");
    tx.execute(update, &params![agent, now]).await.map(drop)
}

/// Deletes one of an agent's notifications. False if it isn't theirs.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete(tx: &mut Tx, agent: AgentId, id: NotificationId) -> Result<bool> {
    let delete = sql!("DELETE FROM notifications WHERE id = $1 AND agent_id = $2");
    Ok(tx.execute(delete, &params![id, agent]).await? == 1)
}

/// Deletes all notifications of an agent.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_of_agent(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM notifications WHERE agent_id = $1"), &params![agent]).await.map(drop)
}

/// Deletes all notifications about a message.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_of_message(tx: &mut Tx, message: MessageId) -> Result<()> {
    tx.execute(sql!("DELETE FROM notifications WHERE message_id = $1"), &params![message]).await.map(drop)
}

fn view(row: &Row) -> Result<NotificationView> {
    let actor = |first_name| {
        let (last_name, avatar_url) = (row.get("actor_last_name")?, row.get("actor_avatar_url")?);
        Ok::<_, muster_core::Error>(NotificationActor { first_name, last_name, avatar_url })
    };
    let subject = |contact| {
        let (assignee, team) = (row.get("assignee_id")?, row.get("team_id")?);
        Ok::<_, muster_core::Error>(Subject { assignee, team, contact, inbox: row.get("inbox_id")? })
    };
    Ok(NotificationView {
        notification: from_row(row)?,
        actor: row.get::<Option<String>>("actor_first_name")?.map(actor).transpose()?,
        conversation_uuid: row.get("conversation_uuid")?,
        message_uuid: row.get("message_uuid")?,
        subject: row.get::<Option<_>>("contact_id")?.map(subject).transpose()?,
    })
}

fn from_row(row: &Row) -> Result<Notification> {
    Ok(Notification {
        id: row.get("id")?,
        agent: row.get("agent_id")?,
        kind: row.get_word("kind", NotificationKind::parse)?,
        title: row.get("title")?,
        body: row.get("body")?,
        conversation: row.get("conversation_id")?,
        message: row.get("message_id")?,
        actor: row.get("actor_id")?,
        meta: row.get_json("meta")?,
        read_at: row.get("read_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
