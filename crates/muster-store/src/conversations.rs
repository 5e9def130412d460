//! Conversations: the row, who holds which, and in
//! `conversations/items.rs` the lists.

use muster_core::conversation::{Category, Conversation, LastMessage, Priority, Sender};
use muster_core::id::{AgentId, ContactId, ConversationId, InboxId, TeamId};
use muster_core::inbox::Medium;
use muster_core::{Entity, Error, Result, Timestamp};
use uuid::Uuid;

use crate::db::{Row, Tx, Value};
use crate::{json, params, sql};

mod filter;
mod items;
mod mentions;
mod news;

pub(crate) use items::within;
pub use items::{List, Query, items, page, previous};
pub use news::{details, open_to};

/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn conversation(tx: &mut Tx, id: ConversationId) -> Result<Conversation> {
    let row = tx.query_opt(sql!("SELECT * FROM conversations WHERE id = $1"), &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Conversation))?)
}

/// # Errors
/// As [`Tx::query`].
pub async fn find_by_uuid(tx: &mut Tx, uuid: Uuid) -> Result<Option<Conversation>> {
    let row = tx.query_opt(sql!("SELECT * FROM conversations WHERE uuid = $1"), &params![uuid]).await?;
    row.as_ref().map(from_row).transpose()
}

/// What has to be known of a conversation before its locks can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brief {
    pub id: ConversationId,
    pub assignee: Option<AgentId>,
    pub category: Category,
}

/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn brief(tx: &mut Tx, uuid: Uuid) -> Result<Brief> {
    let select = sql!("SELECT id, assignee_id, category FROM conversations WHERE uuid = $1");
    brief_of(tx.query_opt(select, &params![uuid]).await?)
}

/// # Errors
/// As [`brief`].
pub async fn brief_by_id(tx: &mut Tx, id: ConversationId) -> Result<Brief> {
    let select = sql!("SELECT id, assignee_id, category FROM conversations WHERE id = $1");
    brief_of(tx.query_opt(select, &params![id]).await?)
}

fn brief_of(row: Option<Row>) -> Result<Brief> {
    let row = row.ok_or(Error::NotFound(Entity::Conversation))?;
    Ok(Brief {
        id: row.get("id")?,
        assignee: row.get("assignee_id")?,
        category: row.get_word("category", Category::parse)?,
    })
}

/// Loads a conversation to change it. Agents that the change touches are locked before.
///
/// # Errors
/// [`Error::NotFound`] also for an erased one, which nothing is to be added to; else as [`Tx::query`].
pub async fn lock(tx: &mut Tx, id: ConversationId) -> Result<Conversation> {
    let select = sql!(
        sqlite: "SELECT * FROM conversations WHERE id = $1 AND erased_at IS NULL",
        postgres: "SELECT * FROM conversations WHERE id = $1 AND erased_at IS NULL FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Conversation))?)
}

/// Loads all conversations that an agent holds and that are not resolved, in order of id, to change
/// them. The agent is locked before, so none is added meanwhile.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_unresolved_of_agent(tx: &mut Tx, agent: AgentId) -> Result<Vec<Conversation>> {
    let select = sql!(
        sqlite: "SELECT * FROM conversations WHERE assignee_id = $1 AND category IN ('open', 'waiting') ORDER BY id",
        postgres: "SELECT * FROM conversations WHERE assignee_id = $1 AND category IN ('open', 'waiting') ORDER BY id
            FOR UPDATE",
    );
    tx.query(select, &params![agent]).await?.iter().map(from_row).collect()
}

/// Loads up to `limit` conversations of a team that are not resolved, in order of id, to change them.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_unresolved_of_team(tx: &mut Tx, team: TeamId, limit: i64) -> Result<Vec<Conversation>> {
    let select = sql!(
        sqlite: "SELECT * FROM conversations WHERE team_id = $1 AND category IN ('open', 'waiting')
            ORDER BY id LIMIT $2",
        postgres: "SELECT * FROM conversations WHERE team_id = $1 AND category IN ('open', 'waiting')
            ORDER BY id LIMIT $2 FOR UPDATE",
    );
    tx.query(select, &params![team, limit]).await?.iter().map(from_row).collect()
}

/// Takes a team from the resolved conversations it had.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn forget_team(tx: &mut Tx, team: TeamId, now: Timestamp) -> Result<u64> {
    let update = sql!(
        "UPDATE conversations SET team_id = NULL, updated_at = $2, version = version + 1
         WHERE team_id = $1 AND category = 'resolved'"
    );
    tx.execute(update, &params![team, now]).await
}

/// The open conversations that an agent holds, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn open_of_agent(tx: &mut Tx, agent: AgentId) -> Result<Vec<ConversationId>> {
    let select = sql!("SELECT id FROM conversations WHERE assignee_id = $1 AND category = 'open' ORDER BY id");
    tx.query(select, &params![agent]).await?.iter().map(|row| row.get("id")).collect()
}

/// How many open conversations an agent holds, of one team or of all: what the stored loads must equal.
///
/// # Errors
/// As [`Tx::query`].
pub async fn count_open_of_agent(tx: &mut Tx, agent: AgentId, team: Option<TeamId>) -> Result<u16> {
    let count = sql!(
        "SELECT COUNT(*) AS count FROM conversations
         WHERE assignee_id = $1 AND category = 'open' AND (CAST($2 AS BIGINT) IS NULL OR team_id = $2)"
    );
    tx.query_one(count, &params![agent, team]).await?.get("count")
}

/// A contact's conversations in an inbox, the latest message first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_of_contact(tx: &mut Tx, contact: ContactId, inbox: InboxId, limit: i64) -> Result<Vec<Conversation>> {
    let select = sql!(
        "SELECT * FROM conversations WHERE contact_id = $1 AND inbox_id = $2 ORDER BY sort_at DESC, id DESC LIMIT $3"
    );
    tx.query(select, &params![contact, inbox, limit]).await?.iter().map(from_row).collect()
}

/// Whether a contact has a conversation in an inbox that isn't resolved.
///
/// # Errors
/// As [`Tx::query`].
pub async fn has_unresolved(tx: &mut Tx, contact: ContactId, inbox: InboxId) -> Result<bool> {
    let select =
        sql!("SELECT id FROM conversations WHERE contact_id = $1 AND inbox_id = $2 AND category <> 'resolved' LIMIT 1");
    Ok(tx.query_opt(select, &params![contact, inbox]).await?.is_some())
}

/// How many conversations of a contact were created after `since`, in whatever inbox.
///
/// # Errors
/// As [`Tx::query`].
pub async fn count_started(tx: &mut Tx, contact: ContactId, since: Timestamp) -> Result<i64> {
    let count = sql!("SELECT COUNT(*) AS count FROM conversations WHERE contact_id = $1 AND created_at > $2");
    tx.query_one(count, &params![contact, since]).await?.get("count")
}

/// The number of the next conversation. Whoever draws one holds up the next until the commit.
///
/// # Errors
/// As [`Tx::query`].
pub async fn next_number(tx: &mut Tx) -> Result<String> {
    let next = sql!("UPDATE counters SET value = value + 1 WHERE name = 'conversation_number' RETURNING value");
    let number: i64 = tx.query_one(next, &[]).await?.get("value")?;
    Ok(number.to_string())
}

/// Inserts a conversation, whose own id is ignored; the new one is returned.
///
/// # Errors
/// As [`Tx::query`].
pub async fn insert(tx: &mut Tx, conversation: &Conversation) -> Result<ConversationId> {
    let insert = sql!(
        "INSERT INTO conversations (status_id, category, is_closed, team_id, assignee_id, assigned_at, priority,
           sla_policy_id, subject, visitor_slot, snoozed_until, waiting_since, first_reply_at, last_reply_at, resolved_at,
           closed_at, reopened_count, closed_by, close_comment, last_message, last_message_at, last_message_sender,
           last_interaction, last_interaction_at, last_interaction_sender, last_seq, contact_seen_seq, sort_at,
           required_skills, preferred_agent_id, attributes, merged_into, updated_at, version, uuid, public_id,
           queue_public_id, number, contact_id, identity_id, inbox_id, channel, source, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
           $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44)
         RETURNING id"
    );
    let mut params = changing(conversation)?;
    params.extend(params![
        conversation.uuid,
        &conversation.public_id,
        &conversation.queue_public_id,
        &conversation.number,
        conversation.contact,
        conversation.identity,
        conversation.inbox,
        conversation.medium.as_str(),
        conversation.source.to_string(),
        conversation.created_at,
    ]);
    tx.query_one(insert, &params).await?.get("id")
}

/// Saves a conversation that was locked, under the next version.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn save(tx: &mut Tx, conversation: &mut Conversation) -> Result<()> {
    let update = sql!(
        "UPDATE conversations SET status_id = $1, category = $2, is_closed = $3, team_id = $4, assignee_id = $5,
           assigned_at = $6, priority = $7, sla_policy_id = $8, subject = $9, visitor_slot = $10, snoozed_until = $11,
           waiting_since = $12, first_reply_at = $13, last_reply_at = $14, resolved_at = $15, closed_at = $16,
           reopened_count = $17, closed_by = $18, close_comment = $19, last_message = $20, last_message_at = $21,
           last_message_sender = $22, last_interaction = $23, last_interaction_at = $24, last_interaction_sender = $25,
           last_seq = $26, contact_seen_seq = $27, sort_at = $28, required_skills = $29, preferred_agent_id = $30,
           attributes = $31, merged_into = $32, updated_at = $33, version = $34
         WHERE id = $35"
    );
    conversation.version += 1;
    let mut params = changing(conversation)?;
    params.push(conversation.id.into());
    tx.execute(update, &params).await.map(drop)
}

/// The columns that can change, in the order of both statements.
fn changing(conversation: &Conversation) -> Result<Vec<Value>> {
    let text = |last: &Option<LastMessage>| last.as_ref().map(|last| last.text.clone());
    let at = |last: &Option<LastMessage>| last.as_ref().map(|last| last.at);
    let sender = |last: &Option<LastMessage>| last.as_ref().map(|last| last.sender.as_str());
    Ok(params![
        conversation.status,
        conversation.category.as_str(),
        conversation.is_closed,
        conversation.team,
        conversation.assignee,
        conversation.assigned_at,
        conversation.priority.map(Priority::rank),
        conversation.sla_policy,
        conversation.subject.as_ref(),
        conversation.visitor_slot.as_ref(),
        conversation.snoozed_until,
        conversation.waiting_since,
        conversation.first_reply_at,
        conversation.last_reply_at,
        conversation.resolved_at,
        conversation.closed_at,
        conversation.reopened_count,
        conversation.closed_by,
        conversation.close_comment.as_ref(),
        text(&conversation.last_message),
        at(&conversation.last_message),
        sender(&conversation.last_message),
        text(&conversation.last_interaction),
        at(&conversation.last_interaction),
        sender(&conversation.last_interaction),
        conversation.last_seq,
        conversation.contact_seen_seq,
        conversation.sort_at,
        json(&conversation.required_skills)?,
        conversation.preferred_agent,
        json(&conversation.attributes)?,
        conversation.merged_into,
        conversation.updated_at,
        conversation.version,
    ]
    .into())
}

/// Notes that an agent has read everything there is.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn mark_seen(tx: &mut Tx, id: ConversationId, agent: AgentId) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO last_seen (conversation_id, agent_id, seq) SELECT id, $2, last_seq FROM conversations WHERE id = $1
         ON CONFLICT (conversation_id, agent_id) DO UPDATE SET seq = excluded.seq WHERE last_seen.seq < excluded.seq"
    );
    tx.execute(upsert, &params![id, agent]).await.map(drop)
}

/// Moves an agent's mark before the latest message, if it isn't further back already.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn mark_unread(tx: &mut Tx, id: ConversationId, agent: AgentId) -> Result<()> {
    let update = sql!(
        "UPDATE last_seen SET seq = (SELECT last_seq - 1 FROM conversations WHERE id = $1)
         WHERE conversation_id = $1 AND agent_id = $2
           AND seq >= (SELECT last_seq FROM conversations WHERE id = $1 AND last_seq > 0)"
    );
    tx.execute(update, &params![id, agent]).await.map(drop)
}

/// Notes that the contact has read everything there is.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn mark_seen_by_contact(tx: &mut Tx, id: ConversationId) -> Result<()> {
    let update =
        sql!("UPDATE conversations SET contact_seen_seq = last_seq WHERE id = $1 AND contact_seen_seq < last_seq");
    tx.execute(update, &params![id]).await.map(drop)
}

pub(crate) fn from_row(row: &Row) -> Result<Conversation> {
    Ok(Conversation {
        id: row.get("id")?,
        uuid: row.get("uuid")?,
        public_id: row.get("public_id")?,
        queue_public_id: row.get("queue_public_id")?,
        number: row.get("number")?,
        contact: row.get("contact_id")?,
        identity: row.get("identity_id")?,
        inbox: row.get("inbox_id")?,
        medium: row.get_word("channel", Medium::parse)?,
        status: row.get("status_id")?,
        category: row.get_word("category", Category::parse)?,
        is_closed: row.get("is_closed")?,
        team: row.get("team_id")?,
        assignee: row.get("assignee_id")?,
        assigned_at: row.get("assigned_at")?,
        priority: priority(row)?,
        sla_policy: row.get("sla_policy_id")?,
        subject: row.get("subject")?,
        visitor_slot: row.get("visitor_slot")?,
        snoozed_until: row.get("snoozed_until")?,
        waiting_since: row.get("waiting_since")?,
        first_reply_at: row.get("first_reply_at")?,
        last_reply_at: row.get("last_reply_at")?,
        resolved_at: row.get("resolved_at")?,
        closed_at: row.get("closed_at")?,
        reopened_count: row.get("reopened_count")?,
        closed_by: row.get("closed_by")?,
        close_comment: row.get("close_comment")?,
        last_message: last(row, "last_message", "last_message_at", "last_message_sender")?,
        last_interaction: last(row, "last_interaction", "last_interaction_at", "last_interaction_sender")?,
        last_seq: row.get("last_seq")?,
        contact_seen_seq: row.get("contact_seen_seq")?,
        sort_at: row.get("sort_at")?,
        required_skills: row.get_json("required_skills")?,
        preferred_agent: row.get("preferred_agent_id")?,
        attributes: row.get_json("attributes")?,
        source: row.get_json("source")?,
        merged_into: row.get("merged_into")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

fn priority(row: &Row) -> Result<Option<Priority>> {
    let rank: Option<i64> = row.get("priority")?;
    Ok(rank.and_then(Priority::from_rank))
}

fn last(row: &Row, text: &str, at: &str, sender: &str) -> Result<Option<LastMessage>> {
    let Some(text) = row.get::<Option<String>>(text)? else { return Ok(None) };
    Ok(Some(LastMessage { text, at: row.get(at)?, sender: row.get_word(sender, Sender::parse)? }))
}
