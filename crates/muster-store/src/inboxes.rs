//! Inboxes.

use muster_core::id::{InboxId, TeamId};
use muster_core::inbox::{Inbox, Medium};
use muster_core::{Entity, Error, Result, Timestamp};
use uuid::Uuid;

use crate::db::{Row, Tx};
use crate::{params, sql};

/// # Errors
/// [`Error::NotFound`] also for a deleted one; else as [`Tx::query`].
pub async fn inbox(tx: &mut Tx, id: InboxId) -> Result<Inbox> {
    let row = tx.query_opt(sql!("SELECT * FROM inboxes WHERE id = $1 AND deleted_at IS NULL"), &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Inbox))?)
}

/// The inbox of a conversation, which may have been deleted.
///
/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn inbox_or_deleted(tx: &mut Tx, id: InboxId) -> Result<Inbox> {
    let row = tx.query_opt(sql!("SELECT * FROM inboxes WHERE id = $1"), &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Inbox))?)
}

/// Loads an inbox to change it.
///
/// # Errors
/// As [`inbox`].
pub async fn lock_inbox(tx: &mut Tx, id: InboxId) -> Result<Inbox> {
    let select = sql!(
        sqlite: "SELECT * FROM inboxes WHERE id = $1 AND deleted_at IS NULL",
        postgres: "SELECT * FROM inboxes WHERE id = $1 AND deleted_at IS NULL FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Inbox))?)
}

/// Loads an inbox that nobody may change until the end of the transaction.
///
/// # Errors
/// As [`inbox`].
pub async fn hold_inbox(tx: &mut Tx, id: InboxId) -> Result<Inbox> {
    let select = sql!(
        sqlite: "SELECT * FROM inboxes WHERE id = $1 AND deleted_at IS NULL",
        postgres: "SELECT * FROM inboxes WHERE id = $1 AND deleted_at IS NULL FOR SHARE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Inbox))?)
}

/// # Errors
/// As [`Tx::query`].
pub async fn find_by_uuid(tx: &mut Tx, uuid: Uuid) -> Result<Option<Inbox>> {
    let select = sql!("SELECT * FROM inboxes WHERE uuid = $1 AND deleted_at IS NULL");
    tx.query_opt(select, &params![uuid]).await?.as_ref().map(from_row).transpose()
}

/// [`hold_inbox`] by what a widget names it.
///
/// # Errors
/// As [`Tx::query`].
pub async fn hold_by_uuid(tx: &mut Tx, uuid: Uuid) -> Result<Option<Inbox>> {
    let select = sql!(
        sqlite: "SELECT * FROM inboxes WHERE uuid = $1 AND deleted_at IS NULL",
        postgres: "SELECT * FROM inboxes WHERE uuid = $1 AND deleted_at IS NULL FOR SHARE",
    );
    tx.query_opt(select, &params![uuid]).await?.as_ref().map(from_row).transpose()
}

/// All that are not deleted, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_inboxes(tx: &mut Tx) -> Result<Vec<Inbox>> {
    let select = sql!("SELECT * FROM inboxes WHERE deleted_at IS NULL ORDER BY id");
    tx.query(select, &[]).await?.iter().map(from_row).collect()
}

/// Those that keep resolved conversations for a while only, deleted ones too, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_letting_go(tx: &mut Tx) -> Result<Vec<Inbox>> {
    let select = sql!("SELECT * FROM inboxes WHERE retention_days IS NOT NULL ORDER BY id");
    tx.query(select, &[]).await?.iter().map(from_row).collect()
}

/// Inserts an inbox, whose own id is ignored; the new one is returned.
///
/// # Errors
/// As [`Tx::query`].
pub async fn insert_inbox(tx: &mut Tx, inbox: &Inbox) -> Result<InboxId> {
    let insert = sql!(
        "INSERT INTO inboxes (uuid, name, channel, enabled, csat_enabled, prompt_tags_on_reply, sender,
           sender_name_template, config, secret, default_team_id, linked_email_inbox_id, created_at, updated_at,
           deleted_at, version, retention_days)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id"
    );
    let params = params![
        inbox.uuid,
        &inbox.name,
        inbox.medium.as_str(),
        inbox.enabled,
        inbox.csat_enabled,
        inbox.prompt_tags_on_reply,
        &inbox.sender,
        &inbox.sender_name_template,
        inbox.config.to_string(),
        inbox.secret.as_ref(),
        inbox.default_team,
        inbox.linked_email_inbox,
        inbox.created_at,
        inbox.updated_at,
        inbox.deleted_at,
        inbox.version,
        inbox.retention_days,
    ];
    tx.query_one(insert, &params).await?.get("id")
}

/// Saves an inbox that was locked, under the next version.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn save_inbox(tx: &mut Tx, inbox: &mut Inbox) -> Result<()> {
    let update = sql!(
        "UPDATE inboxes SET name = $2, enabled = $3, csat_enabled = $4, prompt_tags_on_reply = $5, sender = $6,
           sender_name_template = $7, config = $8, secret = $9, default_team_id = $10, linked_email_inbox_id = $11,
           updated_at = $12, version = $13, retention_days = $14, deleted_at = $15
         WHERE id = $1"
    );
    inbox.version += 1;
    let params = params![
        inbox.id,
        &inbox.name,
        inbox.enabled,
        inbox.csat_enabled,
        inbox.prompt_tags_on_reply,
        &inbox.sender,
        &inbox.sender_name_template,
        inbox.config.to_string(),
        inbox.secret.as_ref(),
        inbox.default_team,
        inbox.linked_email_inbox,
        inbox.updated_at,
        inbox.version,
        inbox.retention_days,
        inbox.deleted_at,
    ];
    tx.execute(update, &params).await.map(drop)
}

/// The other inboxes that go on by this one, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_linked_to(tx: &mut Tx, inbox: InboxId) -> Result<Vec<InboxId>> {
    let select =
        sql!("SELECT id FROM inboxes WHERE linked_email_inbox_id = $1 AND id <> $1 AND deleted_at IS NULL ORDER BY id");
    tx.query(select, &params![inbox]).await?.iter().map(|row| row.get("id")).collect()
}

/// Takes a team from all inboxes that give it to their conversations.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn forget_team(tx: &mut Tx, team: TeamId, now: Timestamp) -> Result<()> {
    let update = sql!(
        "UPDATE inboxes SET default_team_id = NULL, updated_at = $2, version = version + 1 WHERE default_team_id = $1"
    );
    tx.execute(update, &params![team, now]).await.map(drop)
}

fn from_row(row: &Row) -> Result<Inbox> {
    Ok(Inbox {
        id: row.get("id")?,
        uuid: row.get("uuid")?,
        name: row.get("name")?,
        medium: row.get_word("channel", Medium::parse)?,
        enabled: row.get("enabled")?,
        csat_enabled: row.get("csat_enabled")?,
        prompt_tags_on_reply: row.get("prompt_tags_on_reply")?,
        sender: row.get("sender")?,
        sender_name_template: row.get("sender_name_template")?,
        config: row.get_json("config")?,
        secret: row.get("secret")?,
        default_team: row.get("default_team_id")?,
        linked_email_inbox: row.get("linked_email_inbox_id")?,
        retention_days: row.get("retention_days")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        deleted_at: row.get("deleted_at")?,
        version: row.get("version")?,
    })
}
