//! What is told of conversations when they change, beside what lists show.

use std::collections::BTreeMap;

use muster_core::Result;
use muster_core::access::Subject;
use muster_core::id::{ContactId, ConversationId};
use muster_core::view::ConversationDetails;
use uuid::Uuid;

use crate::db::{Row, SqlBuf, Tx};
use crate::{params, sql, tags};

/// What these conversations hold that lists don't show.
///
/// # Errors
/// As [`Tx::query`].
pub async fn details(tx: &mut Tx, ids: &[ConversationId]) -> Result<BTreeMap<ConversationId, ConversationDetails>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut select = SqlBuf::new("SELECT id, snoozed_until, closed_at, attributes FROM conversations WHERE id IN ");
    select.bind_list(ids.iter().copied());
    let rows = tx.query_buf(&select).await?;
    let mut details: BTreeMap<ConversationId, ConversationDetails> = rows.iter().map(detail).collect::<Result<_>>()?;
    for (id, names) in tags::names_of(tx, ids).await? {
        if let Some(details) = details.get_mut(&id) {
            details.tags = names;
        }
    }
    Ok(details)
}

fn detail(row: &Row) -> Result<(ConversationId, ConversationDetails)> {
    let details = ConversationDetails {
        snoozed_until: row.get("snoozed_until")?,
        closed_at: row.get("closed_at")?,
        tags: Vec::new(),
        attributes: row.get_json("attributes")?,
    };
    Ok((row.get("id")?, details))
}

/// The latest conversations of a contact, up to `limit`, and what decides who may read each.
///
/// # Errors
/// As [`Tx::query`].
pub async fn open_to(tx: &mut Tx, contact: ContactId, limit: i64) -> Result<Vec<(ConversationId, Uuid, Subject)>> {
    let select = sql!(
        "SELECT id, uuid, assignee_id, team_id, contact_id, inbox_id FROM conversations WHERE contact_id = $1
         ORDER BY created_at DESC, id DESC LIMIT $2"
    );
    let rows = tx.query(select, &params![contact, limit]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("uuid")?, subject(row)?))).collect()
}

fn subject(row: &Row) -> Result<Subject> {
    Ok(Subject {
        assignee: row.get("assignee_id")?,
        team: row.get("team_id")?,
        contact: row.get("contact_id")?,
        inbox: row.get("inbox_id")?,
    })
}
