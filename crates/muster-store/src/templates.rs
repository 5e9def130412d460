//! Texts of mails.

use muster_core::id::TemplateId;
use muster_core::template::{Template, TemplateKind};
use muster_core::{Entity, Error, Result};

use crate::constraint::taken;
use crate::db::{Row, Tx};
use crate::{params, sql};

fn template_of(row: &Row) -> Result<Template> {
    Ok(Template {
        id: row.get("id")?,
        kind: row.get_word("kind", TemplateKind::parse)?,
        name: row.get("name")?,
        subject: row.get("subject")?,
        body: row.get("body")?,
        is_default: row.get("is_default")?,
        is_built_in: row.get("is_builtin")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

/// All of a kind, the latest changed first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list(tx: &mut Tx, kind: TemplateKind) -> Result<Vec<Template>> {
    let select = sql!("SELECT * FROM templates WHERE kind = $1 ORDER BY updated_at DESC, id DESC");
    tx.query(select, &params![kind.as_str()]).await?.iter().map(template_of).collect()
}

/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn template(tx: &mut Tx, id: TemplateId) -> Result<Template> {
    let row = tx.query_opt(sql!("SELECT * FROM templates WHERE id = $1"), &params![id]).await?;
    row.as_ref().map(template_of).transpose()?.ok_or(Error::NotFound(Entity::Template))
}

/// Loads a template to change it.
///
/// # Errors
/// As [`template`].
pub async fn lock(tx: &mut Tx, id: TemplateId) -> Result<Template> {
    let select = sql!(
        sqlite: "SELECT * FROM templates WHERE id = $1",
        postgres: "SELECT * FROM templates WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(template_of).transpose()?.ok_or(Error::NotFound(Entity::Template))
}

/// Stores a new template and returns its id; `new.id` is not looked at.
///
/// # Errors
/// [`Error::Conflict`] for a second default of its kind; else as [`Tx::query`].
pub async fn insert(tx: &mut Tx, new: &Template) -> Result<TemplateId> {
    let insert = sql!(
        "INSERT INTO templates (kind, name, subject, body, is_default, is_builtin, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id"
    );
    let values = params![
        new.kind.as_str(),
        &new.name,
        new.subject.as_deref(),
        &new.body,
        new.is_default,
        new.is_built_in,
        new.created_at,
        new.updated_at,
        new.version,
    ];
    tx.query_one(insert, &values).await.map_err(|error| taken(error, Entity::Template))?.get("id")
}

/// Saves a template that was locked.
///
/// # Errors
/// As [`insert`].
pub async fn save(tx: &mut Tx, changed: &Template) -> Result<()> {
    let update = sql!(
        "UPDATE templates SET name = $2, subject = $3, body = $4, is_default = $5, updated_at = $6, version = $7
         WHERE id = $1"
    );
    let values = params![
        changed.id,
        &changed.name,
        changed.subject.as_deref(),
        &changed.body,
        changed.is_default,
        changed.updated_at,
        changed.version,
    ];
    tx.execute(update, &values).await.map(drop).map_err(|error| taken(error, Entity::Template))
}

/// # Errors
/// As [`Tx::execute`].
pub async fn delete(tx: &mut Tx, id: TemplateId) -> Result<()> {
    tx.execute(sql!("DELETE FROM templates WHERE id = $1"), &params![id]).await.map(drop)
}
