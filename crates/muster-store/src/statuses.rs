//! Named statuses of conversations.

use muster_core::conversation::{Category, Status};
use muster_core::id::StatusId;
use muster_core::{Entity, Error, Result, text};

use crate::constraint::taken;
use crate::db::{Row, Tx};
use crate::{params, sql};

/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn status(tx: &mut Tx, id: StatusId) -> Result<Status> {
    let row = tx.query_opt(sql!("SELECT * FROM statuses WHERE id = $1"), &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Status))?)
}

/// The status whose name has this key.
///
/// # Errors
/// As [`Tx::query`].
pub async fn find_by_name(tx: &mut Tx, name_key: &str) -> Result<Option<Status>> {
    let select = sql!("SELECT * FROM statuses WHERE name_key = $1");
    tx.query_opt(select, &params![name_key]).await?.as_ref().map(from_row).transpose()
}

/// All, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_statuses(tx: &mut Tx) -> Result<Vec<Status>> {
    tx.query(sql!("SELECT * FROM statuses ORDER BY id"), &[]).await?.iter().map(from_row).collect()
}

/// A status as it stays until the end of the transaction; `None` if it is gone.
///
/// # Errors
/// As [`Tx::query`].
pub async fn hold(tx: &mut Tx, id: StatusId) -> Result<Option<Status>> {
    let select = sql!(
        sqlite: "SELECT * FROM statuses WHERE id = $1",
        postgres: "SELECT * FROM statuses WHERE id = $1 FOR SHARE",
    );
    tx.query_opt(select, &params![id]).await?.as_ref().map(from_row).transpose()
}

/// Loads a status to change it: no conversation gets it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn lock(tx: &mut Tx, id: StatusId) -> Result<Status> {
    let select = sql!(
        sqlite: "SELECT * FROM statuses WHERE id = $1",
        postgres: "SELECT * FROM statuses WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Status))?)
}

/// Whether any conversation has this status.
///
/// # Errors
/// As [`Tx::query`].
pub async fn is_used(tx: &mut Tx, id: StatusId) -> Result<bool> {
    let select = sql!("SELECT id FROM conversations WHERE status_id = $1 LIMIT 1");
    Ok(tx.query_opt(select, &params![id]).await?.is_some())
}

/// Stores a new status and returns its id; `status.id` is not looked at.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken.
pub async fn insert(tx: &mut Tx, status: &Status) -> Result<StatusId> {
    let insert = sql!(
        "INSERT INTO statuses (name, name_key, category, builtin, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id"
    );
    let values =
        params![&status.name, text::key(&status.name), status.category.as_str(), status.built_in, status.created_at,];
    tx.query_one(insert, &values).await.map_err(|error| taken(error, Entity::Status))?.get("id")
}

/// Saves a locked status.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken.
pub async fn save(tx: &mut Tx, status: &Status) -> Result<()> {
    let update = sql!("UPDATE statuses SET name = $2, name_key = $3, category = $4 WHERE id = $1");
    let values = params![status.id, &status.name, text::key(&status.name), status.category.as_str()];
    tx.execute(update, &values).await.map(drop).map_err(|error| taken(error, Entity::Status))
}

/// Deletes a locked status that no conversation has.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete(tx: &mut Tx, id: StatusId) -> Result<()> {
    tx.execute(sql!("DELETE FROM statuses WHERE id = $1"), &params![id]).await.map(drop)
}

fn from_row(row: &Row) -> Result<Status> {
    Ok(Status {
        id: row.get("id")?,
        name: row.get("name")?,
        category: row.get_word("category", Category::parse)?,
        built_in: row.get("builtin")?,
        created_at: row.get("created_at")?,
    })
}
