//! Business hours.

use muster_core::business_hours::BusinessHours;
use muster_core::id::BusinessHoursId;
use muster_core::{Entity, Error, Result};

use crate::db::{Row, Tx};
use crate::{json, params, sql};

fn hours_of(row: &Row) -> Result<BusinessHours> {
    Ok(BusinessHours {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        is_always_open: row.get("is_always_open")?,
        week: row.get_json("hours")?,
        holidays: row.get_json("holidays")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

/// All, the latest changed first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list(tx: &mut Tx) -> Result<Vec<BusinessHours>> {
    let select = sql!("SELECT * FROM business_hours ORDER BY updated_at DESC, id DESC");
    tx.query(select, &[]).await?.iter().map(hours_of).collect()
}

/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn hours(tx: &mut Tx, id: BusinessHoursId) -> Result<BusinessHours> {
    let row = tx.query_opt(sql!("SELECT * FROM business_hours WHERE id = $1"), &params![id]).await?;
    row.as_ref().map(hours_of).transpose()?.ok_or(Error::NotFound(Entity::BusinessHours))
}

/// Locks hours: nobody changes, deletes or begins to use them until the end of the transaction.
///
/// # Errors
/// As [`hours`].
pub async fn lock(tx: &mut Tx, id: BusinessHoursId) -> Result<BusinessHours> {
    let select = sql!(
        sqlite: "SELECT * FROM business_hours WHERE id = $1",
        postgres: "SELECT * FROM business_hours WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(hours_of).transpose()?.ok_or(Error::NotFound(Entity::BusinessHours))
}

/// Stores new hours and returns their id; `hours.id` is not looked at.
///
/// # Errors
/// As [`Tx::query`].
pub async fn insert(tx: &mut Tx, hours: &BusinessHours) -> Result<BusinessHoursId> {
    let insert = sql!(
        "INSERT INTO business_hours (name, description, is_always_open, hours, holidays, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"
    );
    let values = params![
        &hours.name,
        &hours.description,
        hours.is_always_open,
        json(&hours.week)?,
        json(&hours.holidays)?,
        hours.created_at,
        hours.updated_at,
        hours.version,
    ];
    tx.query_one(insert, &values).await?.get("id")
}

/// Saves hours that were locked.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn save(tx: &mut Tx, hours: &BusinessHours) -> Result<()> {
    let update = sql!(
        "UPDATE business_hours SET name = $2, description = $3, is_always_open = $4, hours = $5, holidays = $6,
           updated_at = $7, version = $8
         WHERE id = $1"
    );
    let values = params![
        hours.id,
        &hours.name,
        &hours.description,
        hours.is_always_open,
        json(&hours.week)?,
        json(&hours.holidays)?,
        hours.updated_at,
        hours.version,
    ];
    tx.execute(update, &values).await.map(drop)
}

/// Whether a team has these hours.
///
/// # Errors
/// As [`Tx::query`].
pub async fn has_team(tx: &mut Tx, id: BusinessHoursId) -> Result<bool> {
    let select = sql!("SELECT id FROM teams WHERE business_hours_id = $1 LIMIT 1");
    Ok(tx.query_opt(select, &params![id]).await?.is_some())
}

/// # Errors
/// As [`Tx::execute`].
pub async fn delete(tx: &mut Tx, id: BusinessHoursId) -> Result<()> {
    tx.execute(sql!("DELETE FROM business_hours WHERE id = $1"), &params![id]).await.map(drop)
}
