//! Reading what the desk holds of a contact, a bounded number of rows at a time.

use muster_core::actor::ActorRef;
use muster_core::conversation::Conversation;
use muster_core::id::{ContactId, ConversationId};
use muster_core::message::{Message, MessageKind};
use muster_core::{Entity, Result, Timestamp};

use crate::conversations::from_row as conversation;
use crate::db::{Row, SqlBuf, Tx};
use crate::messages::from_row as message;
use crate::{params, sql};

/// One way of the desk to know a contact again; without its value, which may be a secret's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub kind: String,
    pub verified_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// A fact of the outbox about a contact or a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub id: i64,
    pub name: String,
    pub at: Timestamp,
    pub by: ActorRef,
}

/// An entry of the audit log about a contact or a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    pub id: i64,
    pub action: String,
    pub at: Timestamp,
    pub by: ActorRef,
}

/// # Errors
/// As [`Tx::query`].
pub async fn identities(tx: &mut Tx, contact: ContactId) -> Result<Vec<Identity>> {
    let select = sql!("SELECT kind, verified_at, created_at FROM identities WHERE contact_id = $1 ORDER BY id");
    let identity = |row: &Row| {
        let (kind, verified_at, created_at) = (row.get("kind")?, row.get("verified_at")?, row.get("created_at")?);
        Ok(Identity { kind, verified_at, created_at })
    };
    tx.query(select, &params![contact]).await?.iter().map(identity).collect()
}

/// How many visits' proofs the desk holds: sessions of a chat widget that aren't over.
///
/// # Errors
/// As [`Tx::query`].
pub async fn count_sessions(tx: &mut Tx, contact: ContactId, now: Timestamp) -> Result<i64> {
    let count = sql!("SELECT COUNT(*) AS count FROM visitor_sessions WHERE contact_id = $1 AND expires_at > $2");
    tx.query_one(count, &params![contact, now]).await?.get("count")
}

/// The contact's next conversation behind `after`.
///
/// # Errors
/// As [`Tx::query`].
pub async fn next_conversation(tx: &mut Tx, contact: ContactId, after: ConversationId) -> Result<Option<Conversation>> {
    let select = sql!("SELECT * FROM conversations WHERE contact_id = $1 AND id > $2 ORDER BY id LIMIT 1");
    tx.query_opt(select, &params![contact, after]).await?.as_ref().map(conversation).transpose()
}

/// Up to `limit` messages of these kinds of a conversation behind number `after`, in order.
///
/// # Errors
/// As [`Tx::query`].
pub async fn messages_after(
    tx: &mut Tx,
    of: ConversationId,
    after: i64,
    kinds: &[MessageKind],
    limit: i64,
) -> Result<Vec<Message>> {
    let mut select = SqlBuf::new("SELECT * FROM messages WHERE conversation_id = ");
    select.bind(of).push(" AND seq > ").bind(after);
    select.push(" AND kind IN ").bind_list(kinds.iter().map(|kind| kind.as_str()));
    select.push(" ORDER BY seq LIMIT ").bind(limit);
    tx.query_buf(&select).await?.iter().map(message).collect()
}

/// Up to `limit` facts about one thing behind the one of this id, in the order in which they were written.
///
/// # Errors
/// As [`Tx::query`].
pub async fn facts_after(tx: &mut Tx, (kind, id): (Entity, i64), after: i64, limit: i64) -> Result<Vec<Fact>> {
    let select = sql!(
        "SELECT id, name, at, actor FROM events
         WHERE aggregate_kind = $1 AND aggregate_id = $2 AND id > $3 ORDER BY id LIMIT $4"
    );
    let fact = |row: &Row| {
        let by = row.get_word("actor", ActorRef::parse)?;
        Ok(Fact { id: row.get("id")?, name: row.get("name")?, at: row.get("at")?, by })
    };
    tx.query(select, &params![kind.as_str(), id, after, limit]).await?.iter().map(fact).collect()
}

/// Up to `limit` entries of the audit log about one thing behind the one of this id, in order.
///
/// # Errors
/// As [`Tx::query`].
pub async fn audited_after(tx: &mut Tx, (kind, id): (Entity, i64), after: i64, limit: i64) -> Result<Vec<Audited>> {
    let select = sql!(
        "SELECT id, action, at, actor FROM audit
         WHERE entity_kind = $1 AND entity_id = $2 AND id > $3 ORDER BY id LIMIT $4"
    );
    let entry = |row: &Row| {
        let by = row.get_word("actor", ActorRef::parse)?;
        Ok(Audited { id: row.get("id")?, action: row.get("action")?, at: row.get("at")?, by })
    };
    tx.query(select, &params![kind.as_str(), id, after, limit]).await?.iter().map(entry).collect()
}
