//! Tags, and which conversations have them.

use std::collections::BTreeMap;

use muster_core::id::{ConversationId, TagId};
use muster_core::tag::Tag;
use muster_core::{Entity, Error, Result, text};

use crate::constraint::taken;
use crate::db::{Engine, Row, SqlBuf, Tx};
use crate::{params, sql};

fn tag_of(row: &Row) -> Result<Tag> {
    Ok(Tag {
        id: row.get("id")?,
        name: row.get("name")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

/// All tags, by name.
///
/// # Errors
/// Those of the statement.
pub async fn list_tags(tx: &mut Tx) -> Result<Vec<Tag>> {
    tx.query(sql!("SELECT * FROM tags ORDER BY name_key"), &[]).await?.iter().map(tag_of).collect()
}

/// Locks the tag: no conversation gets it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_tag(tx: &mut Tx, id: TagId) -> Result<Tag> {
    let select = sql!(
        sqlite: "SELECT * FROM tags WHERE id = $1",
        postgres: "SELECT * FROM tags WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(tag_of).transpose()?.ok_or(Error::NotFound(Entity::Tag))
}

/// The tags of these names that exist, in order of id; names are compared folded. They stay until the end of the
/// transaction.
///
/// # Errors
/// Those of the statement.
pub async fn hold_by_names(tx: &mut Tx, names: &[String]) -> Result<Vec<Tag>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT * FROM tags WHERE name_key IN ");
    select.bind_list(names.iter().map(|name| text::key(name))).push(" ORDER BY id");
    if tx.engine() == Engine::Postgres {
        select.push(" FOR KEY SHARE");
    }
    tx.query_buf(&select).await?.iter().map(tag_of).collect()
}

/// Stores a new tag and returns its id; `tag.id` is not looked at.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken.
pub async fn insert_tag(tx: &mut Tx, tag: &Tag) -> Result<TagId> {
    let insert = sql!(
        "INSERT INTO tags (name, name_key, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5) RETURNING id"
    );
    let values = params![&tag.name, text::key(&tag.name), tag.created_at, tag.updated_at, tag.version];
    tx.query_one(insert, &values).await.map_err(|error| taken(error, Entity::Tag))?.get("id")
}

/// # Errors
/// [`Error::Conflict`] if the name is taken.
pub async fn save_tag(tx: &mut Tx, tag: &Tag) -> Result<()> {
    let update = sql!("UPDATE tags SET name = $2, name_key = $3, updated_at = $4, version = $5 WHERE id = $1");
    let values = params![tag.id, &tag.name, text::key(&tag.name), tag.updated_at, tag.version];
    tx.execute(update, &values).await.map(drop).map_err(|error| taken(error, Entity::Tag))
}

/// Deletes a locked tag and takes it from all conversations.
///
/// # Errors
/// Those of the statements.
pub async fn delete_tag(tx: &mut Tx, id: TagId) -> Result<()> {
    tx.execute(sql!("DELETE FROM conversation_tags WHERE tag_id = $1"), &params![id]).await?;
    tx.execute(sql!("DELETE FROM tags WHERE id = $1"), &params![id]).await.map(drop)
}

/// A conversation's tags, by name.
///
/// # Errors
/// Those of the statement.
pub async fn tags_of(tx: &mut Tx, conversation: ConversationId) -> Result<Vec<Tag>> {
    let select = sql!(
        "SELECT t.* FROM conversation_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.conversation_id = $1
         ORDER BY t.name_key"
    );
    tx.query(select, &params![conversation]).await?.iter().map(tag_of).collect()
}

/// The names of the tags of these conversations, by name; those without any are left out.
///
/// # Errors
/// Those of the statement.
pub async fn names_of(tx: &mut Tx, conversations: &[ConversationId]) -> Result<BTreeMap<ConversationId, Vec<String>>> {
    let mut names: BTreeMap<ConversationId, Vec<String>> = BTreeMap::new();
    if conversations.is_empty() {
        return Ok(names);
    }
    let mut select = SqlBuf::new(
        "SELECT ct.conversation_id, t.name FROM conversation_tags ct JOIN tags t ON t.id = ct.tag_id
         WHERE ct.conversation_id IN ",
    );
    select.bind_list(conversations.iter().copied()).push(" ORDER BY t.name_key");
    for row in tx.query_buf(&select).await? {
        names.entry(row.get("conversation_id")?).or_default().push(row.get("name")?);
    }
    Ok(names)
}

/// Whether a conversation has any tag.
///
/// # Errors
/// Those of the statement.
pub async fn has_tags(tx: &mut Tx, conversation: ConversationId) -> Result<bool> {
    let select = sql!("SELECT tag_id FROM conversation_tags WHERE conversation_id = $1 LIMIT 1");
    Ok(tx.query_opt(select, &params![conversation]).await?.is_some())
}

/// Takes a locked conversation, which has the tags `before`, to the tags `after`. Those that it doesn't have yet are
/// held; those that stay are not touched, so they may be deleted at the same moment.
///
/// # Errors
/// Those of the statements.
pub async fn move_tags(tx: &mut Tx, conversation: ConversationId, before: &[Tag], after: &[Tag]) -> Result<()> {
    let is_among = |tags: &[Tag], tag: &Tag| tags.iter().any(|other| other.id == tag.id);
    let delete = sql!("DELETE FROM conversation_tags WHERE conversation_id = $1 AND tag_id = $2");
    for gone in before.iter().filter(|tag| !is_among(after, tag)) {
        tx.execute(delete, &params![conversation, gone.id]).await?;
    }
    let insert = sql!("INSERT INTO conversation_tags (conversation_id, tag_id) VALUES ($1, $2)");
    for new in after.iter().filter(|tag| !is_among(before, tag)) {
        tx.execute(insert, &params![conversation, new.id]).await?;
    }
    Ok(())
}
