//! Files that were uploaded: what is known of them. Their bytes are kept elsewhere, under their uuid.

use std::collections::BTreeMap;

use muster_core::actor::ActorRef;
use muster_core::id::{ContactId, ConversationId, MediaId, MessageId};
use muster_core::media::{Media, Owner};
use muster_core::view::Attachment;
use muster_core::{Entity, Error, Result, Timestamp};
use uuid::Uuid;

use crate::db::{Engine, Row, SqlBuf, Tx};
use crate::{params, sql};

/// Stores a new file. Its own id is ignored; it is returned with the new one.
///
/// # Errors
/// As [`Tx::query`].
pub async fn insert(tx: &mut Tx, media: Media) -> Result<Media> {
    let insert = sql!(
        "INSERT INTO media (uuid, filename, content_type, size, width, height, has_thumbnail, is_inline, owner_kind,
           owner_id, uploader_kind, uploader_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id"
    );
    let (owner_kind, owner_id) = media.owner.map(Owner::columns).unzip();
    let (uploader_kind, uploader_id) = uploader_columns(media.uploader)?;
    let params = params![
        media.uuid,
        &media.filename,
        &media.content_type,
        media.size,
        media.width,
        media.height,
        media.has_thumbnail,
        media.is_inline,
        owner_kind,
        owner_id,
        uploader_kind,
        uploader_id,
        media.created_at,
    ];
    let id = tx.query_one(insert, &params).await?.get("id")?;
    Ok(Media { id, ..media })
}

/// # Errors
/// As [`Tx::query`].
pub async fn find_by_uuid(tx: &mut Tx, uuid: Uuid) -> Result<Option<Media>> {
    let row = tx.query_opt(sql!("SELECT * FROM media WHERE uuid = $1"), &params![uuid]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Files by id that belong to nothing yet, in order of id, locked. Others are left out.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_unused(tx: &mut Tx, ids: &[MediaId]) -> Result<Vec<Media>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT * FROM media WHERE owner_id IS NULL AND id IN ");
    select.bind_list(ids.iter().copied()).push(" ORDER BY id");
    if tx.engine() == Engine::Postgres {
        select.push(" FOR UPDATE");
    }
    tx.query_buf(&select).await?.iter().map(from_row).collect()
}

/// The ids of files by their uuid, in no order. Unknown ones are left out.
///
/// # Errors
/// As [`Tx::query`].
pub async fn ids_of(tx: &mut Tx, uuids: &[Uuid]) -> Result<Vec<(Uuid, MediaId)>> {
    if uuids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT uuid, id FROM media WHERE uuid IN ");
    select.bind_list(uuids.iter().copied());
    tx.query_buf(&select).await?.iter().map(|row| Ok((row.get("uuid")?, row.get("id")?))).collect()
}

/// Gives locked files to their owner.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn give(tx: &mut Tx, ids: &[MediaId], owner: Owner) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let (kind, id) = owner.columns();
    let mut update = SqlBuf::new("UPDATE media SET owner_kind = ");
    update.bind(kind).push(", owner_id = ").bind(id).push(" WHERE id IN ").bind_list(ids.iter().copied());
    tx.execute_buf(&update).await.map(drop)
}

/// The files of these messages, each message's in the order in which they were uploaded.
///
/// # Errors
/// As [`Tx::query`].
pub async fn attachments(tx: &mut Tx, messages: &[MessageId]) -> Result<BTreeMap<MessageId, Vec<Attachment>>> {
    let mut found: BTreeMap<MessageId, Vec<Attachment>> = BTreeMap::new();
    if messages.is_empty() {
        return Ok(found);
    }
    let mut select = SqlBuf::new("SELECT * FROM media WHERE owner_kind = 'message' AND owner_id IN ");
    select.bind_list(messages.iter().copied()).push(" ORDER BY id");
    for row in &tx.query_buf(&select).await? {
        let attachment = Attachment { media: from_row(row)?, url: String::new(), thumbnail_url: None };
        found.entry(row.get("owner_id")?).or_default().push(attachment);
    }
    Ok(found)
}

/// Forgets the files of an owner. Tells under which names their bytes are kept.
///
/// # Errors
/// As [`Tx::query`].
pub async fn delete_of(tx: &mut Tx, owner: Owner) -> Result<Vec<Uuid>> {
    let (kind, id) = owner.columns();
    let delete = sql!("DELETE FROM media WHERE owner_kind = $1 AND owner_id = $2 RETURNING uuid");
    uuids(&tx.query(delete, &params![kind, id]).await?)
}

/// Forgets all files of a contact: those of the messages of their conversations, whoever wrote those, their picture, and
/// what they sent.
///
/// # Errors
/// As [`Tx::query`].
pub async fn delete_of_contact(tx: &mut Tx, contact: ContactId) -> Result<Vec<Uuid>> {
    let delete = sql!(
        "DELETE FROM media WHERE id IN (
           SELECT id FROM media WHERE owner_kind = 'contact' AND owner_id = $1
           UNION SELECT id FROM media WHERE uploader_kind = 'contact' AND uploader_id = $1
           UNION SELECT f.id FROM conversations c JOIN messages m ON m.conversation_id = c.id
             JOIN media f ON f.owner_kind = 'message' AND f.owner_id = m.id WHERE c.contact_id = $1)
         RETURNING uuid"
    );
    uuids(&tx.query(delete, &params![contact]).await?)
}

/// Forgets all files of the messages of these conversations.
///
/// # Errors
/// As [`Tx::query`].
pub async fn delete_of_conversations(tx: &mut Tx, ids: &[ConversationId]) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut delete = SqlBuf::new(
        "DELETE FROM media WHERE owner_kind = 'message' AND owner_id IN (SELECT id FROM messages WHERE conversation_id IN ",
    );
    delete.bind_list(ids.iter().copied()).push(") RETURNING uuid");
    uuids(&tx.query_buf(&delete).await?)
}

/// Forgets up to `limit` files that were uploaded before `before` and belong to nothing.
///
/// # Errors
/// As [`Tx::query`].
pub async fn delete_unused(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<Uuid>> {
    let delete = sql!(
        "DELETE FROM media WHERE owner_id IS NULL AND id IN
           (SELECT id FROM media WHERE owner_id IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2)
         RETURNING uuid"
    );
    uuids(&tx.query(delete, &params![before, limit]).await?)
}

fn uuids(rows: &[Row]) -> Result<Vec<Uuid>> {
    rows.iter().map(|row| row.get("uuid")).collect()
}

/// Only who can be asked for later uploads.
fn uploader_columns(uploader: ActorRef) -> Result<(&'static str, i64)> {
    match uploader {
        ActorRef::Agent(id) => Ok(("agent", id.0)),
        ActorRef::Contact(id) => Ok(("contact", id.0)),
        ActorRef::Integration(_) | ActorRef::Operator | ActorRef::System => Err(Error::Unauthenticated),
    }
}

fn from_row(row: &Row) -> Result<Media> {
    let uploader_id: i64 = row.get("uploader_id")?;
    let uploader = |kind: &str| ActorRef::parse(&format!("{kind}:{uploader_id}"));
    let owner_id: Option<i64> = row.get("owner_id")?;
    let owner = match owner_id {
        Some(id) => Some(row.get_word("owner_kind", |kind| Owner::parse(kind, id))?),
        None => None,
    };
    Ok(Media {
        id: row.get("id")?,
        uuid: row.get("uuid")?,
        filename: row.get("filename")?,
        content_type: row.get("content_type")?,
        size: row.get("size")?,
        width: row.get("width")?,
        height: row.get("height")?,
        has_thumbnail: row.get("has_thumbnail")?,
        is_inline: row.get("is_inline")?,
        owner,
        uploader: row.get_word("uploader_kind", uploader)?,
        created_at: row.get("created_at")?,
    })
}

/// The conversation of a message, for whoever wants to know who may read its files.
///
/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn conversation_of(tx: &mut Tx, message: MessageId) -> Result<ConversationId> {
    let select = sql!("SELECT conversation_id FROM messages WHERE id = $1");
    let row = tx.query_opt(select, &params![message]).await?.ok_or(Error::NotFound(Entity::Message))?;
    row.get("conversation_id")
}
