//! Questions to customers how it was, and their answers.

use std::collections::BTreeMap;

use muster_core::id::{ConversationId, MessageId, SurveyId};
use muster_core::survey::{Answer, Survey};
use muster_core::{Result, Timestamp};
use uuid::Uuid;

use crate::db::{Row, SqlBuf, Tx};
use crate::{json, params, sql};

/// Inserts an unanswered survey, whose own id is ignored; the new one is returned.
///
/// # Errors
/// As [`Tx::query`]; a second one of a conversation is refused.
pub async fn insert(tx: &mut Tx, survey: &Survey) -> Result<SurveyId> {
    let insert = sql!(
        "INSERT INTO surveys (uuid, conversation_id, message_id, meta, created_at) VALUES ($1, $2, $3, '{}', $4)
         RETURNING id"
    );
    let params = params![survey.uuid, survey.conversation, survey.message, survey.created_at];
    tx.query_one(insert, &params).await?.get("id")
}

/// # Errors
/// As [`Tx::query`].
pub async fn find_by_uuid(tx: &mut Tx, uuid: Uuid) -> Result<Option<Survey>> {
    let row = tx.query_opt(sql!("SELECT * FROM surveys WHERE uuid = $1"), &params![uuid]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The survey about a conversation.
///
/// # Errors
/// As [`Tx::query`].
pub async fn find_of(tx: &mut Tx, conversation: ConversationId) -> Result<Option<Survey>> {
    let row = tx.query_opt(sql!("SELECT * FROM surveys WHERE conversation_id = $1"), &params![conversation]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The surveys that these messages ask.
///
/// # Errors
/// As [`Tx::query`].
pub async fn asked_by(tx: &mut Tx, messages: &[MessageId]) -> Result<BTreeMap<MessageId, Survey>> {
    if messages.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut select = SqlBuf::new("SELECT * FROM surveys WHERE message_id IN ");
    select.bind_list(messages.iter().copied());
    tx.query_buf(&select).await?.iter().map(|row| Ok((row.get("message_id")?, from_row(row)?))).collect()
}

/// Stores an answer unless there is one. Tells whether it did.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn answer(tx: &mut Tx, id: SurveyId, answer: &Answer, now: Timestamp) -> Result<bool> {
    let update = sql!(
        "UPDATE surveys SET rating = $2, feedback = $3, meta = $4, responded_at = $5
         WHERE id = $1 AND responded_at IS NULL"
    );
    let Answer { rating, feedback, fields } = answer;
    let params = params![id, *rating, feedback.as_ref(), json(fields)?, now];
    Ok(tx.execute(update, &params).await? == 1)
}

fn from_row(row: &Row) -> Result<Survey> {
    Ok(Survey {
        id: row.get("id")?,
        uuid: row.get("uuid")?,
        conversation: row.get("conversation_id")?,
        message: row.get("message_id")?,
        rating: row.get("rating")?,
        feedback: row.get("feedback")?,
        fields: row.get_json("meta")?,
        created_at: row.get("created_at")?,
        responded_at: row.get("responded_at")?,
    })
}
