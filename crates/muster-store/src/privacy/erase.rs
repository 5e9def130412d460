//! Erasing a contact: every column that can hold their words, names or addresses is emptied. Numbers, times and who
//! answered stay, for reports.

use muster_core::conversation::Conversation;
use muster_core::id::{AgentId, ContactId, ConversationId};
use muster_core::{Entity, Result, Timestamp};

use crate::conversations::from_row;
use crate::db::Tx;
use crate::{params, search, sql};

/// The agents who hold unresolved conversations of a contact, in order of id: to be locked before those.
///
/// # Errors
/// As [`Tx::query`].
pub async fn holders(tx: &mut Tx, contact: ContactId) -> Result<Vec<AgentId>> {
    let select = sql!(
        "SELECT DISTINCT assignee_id FROM conversations
         WHERE contact_id = $1 AND category <> 'resolved' AND assignee_id IS NOT NULL ORDER BY assignee_id"
    );
    tx.query(select, &params![contact]).await?.iter().map(|row| row.get("assignee_id")).collect()
}

/// Loads all conversations of a contact, in order of id, to change them.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_conversations(tx: &mut Tx, contact: ContactId) -> Result<Vec<Conversation>> {
    let select = sql!(
        sqlite: "SELECT * FROM conversations WHERE contact_id = $1 ORDER BY id",
        postgres: "SELECT * FROM conversations WHERE contact_id = $1 ORDER BY id FOR UPDATE",
    );
    tx.query(select, &params![contact]).await?.iter().map(from_row).collect()
}

/// The conversations of a contact, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn conversation_ids(tx: &mut Tx, contact: ContactId) -> Result<Vec<ConversationId>> {
    let select = sql!("SELECT id FROM conversations WHERE contact_id = $1 ORDER BY id");
    tx.query(select, &params![contact]).await?.iter().map(|row| row.get("id")).collect()
}

/// Empties a contact whose row and whose conversations' rows are locked, and marks both as erased.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn erase(tx: &mut Tx, contact: ContactId, now: Timestamp) -> Result<()> {
    messages(tx, contact).await?;
    surveys(tx, contact).await?;
    conversations(tx, contact, now).await?;
    traces(tx, contact).await?;
    row(tx, contact, now).await
}

/// Agents' replies and notes too: they quote.
async fn messages(tx: &mut Tx, contact: ContactId) -> Result<()> {
    search::remove_of_contact(tx, contact).await?;
    let update = sql!(
        "UPDATE messages SET content = '', text = '', activity = NULL, args = NULL, client_ref = NULL,
           email_message_id = NULL, meta = '{}'
         WHERE conversation_id IN (SELECT id FROM conversations WHERE contact_id = $1)"
    );
    tx.execute(update, &params![contact]).await.map(drop)
}

async fn surveys(tx: &mut Tx, contact: ContactId) -> Result<()> {
    let update = sql!(
        "UPDATE surveys SET feedback = NULL, meta = '{}'
         WHERE conversation_id IN (SELECT id FROM conversations WHERE contact_id = $1)"
    );
    tx.execute(update, &params![contact]).await.map(drop)
}

async fn conversations(tx: &mut Tx, contact: ContactId, now: Timestamp) -> Result<()> {
    let update = sql!(
        "UPDATE conversations SET identity_id = NULL, subject = NULL, visitor_slot = NULL, close_comment = NULL,
           last_message = NULL, last_interaction = NULL, attributes = '{}', source = '{}', erased_at = $2,
           updated_at = $2, version = version + 1
         WHERE contact_id = $1"
    );
    tx.execute(update, &params![contact, now]).await?;
    let queued =
        sql!("DELETE FROM queue_entries WHERE conversation_id IN (SELECT id FROM conversations WHERE contact_id = $1)");
    tx.execute(queued, &params![contact]).await?;
    asides(tx, contact).await
}

/// What agents have begun to write, and what they were told.
async fn asides(tx: &mut Tx, contact: ContactId) -> Result<()> {
    let drafts =
        sql!("DELETE FROM drafts WHERE conversation_id IN (SELECT id FROM conversations WHERE contact_id = $1)");
    tx.execute(drafts, &params![contact]).await?;
    let told =
        sql!("DELETE FROM notifications WHERE conversation_id IN (SELECT id FROM conversations WHERE contact_id = $1)");
    tx.execute(told, &params![contact]).await.map(drop)
}

/// What stands about the contact and the conversations in tables of other things.
async fn traces(tx: &mut Tx, contact: ContactId) -> Result<()> {
    let whose = params![contact, Entity::Conversation.as_str()];
    for statement in [
        sql!("DELETE FROM extras WHERE kind = $2 AND id IN (SELECT id FROM conversations WHERE contact_id = $1)"),
        sql!(
            "DELETE FROM timers
             WHERE entity_kind = $2 AND entity_id IN (SELECT id FROM conversations WHERE contact_id = $1)"
        ),
        sql!(
            "UPDATE audit SET before = NULL, after = NULL
             WHERE entity_kind = $2 AND entity_id IN (SELECT id FROM conversations WHERE contact_id = $1)"
        ),
    ] {
        tx.execute(statement, &whose).await?;
    }
    super::traces(tx, contact).await
}

async fn row(tx: &mut Tx, contact: ContactId, now: Timestamp) -> Result<()> {
    tx.execute(sql!("DELETE FROM visitor_sessions WHERE contact_id = $1"), &params![contact]).await?;
    tx.execute(sql!("DELETE FROM identities WHERE contact_id = $1"), &params![contact]).await?;
    tx.execute(sql!("DELETE FROM contact_notes WHERE contact_id = $1"), &params![contact]).await?;
    let update = sql!(
        "UPDATE contacts SET first_name = '', last_name = '', email = NULL, phone_country = NULL,
           phone_calling_code = NULL, phone_number = NULL, country = NULL, avatar_url = NULL, external_id = NULL,
           attributes = '{}', updated_at = $2, deleted_at = $2, version = version + 1
         WHERE id = $1"
    );
    tx.execute(update, &params![contact, now]).await.map(drop)
}
