//! Named statuses of conversations.

use muster_core::conversation::{Category, Status};
use muster_core::id::StatusId;
use muster_core::{Entity, Error, Result};

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

fn from_row(row: &Row) -> Result<Status> {
    Ok(Status {
        id: row.get("id")?,
        name: row.get("name")?,
        category: row.get_word("category", Category::parse)?,
        built_in: row.get("builtin")?,
        created_at: row.get("created_at")?,
    })
}
