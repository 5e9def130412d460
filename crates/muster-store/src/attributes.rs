//! Definitions of attributes, and the values that agents, contacts and conversations have for them.

mod values;

use muster_core::attribute::{Definition, Scope, ValueKind};
use muster_core::id::AttributeId;
use muster_core::text;
use muster_core::{Entity, Error, Result};

pub use values::{agents_with, drop_values, lock_holders, values_page};

use crate::constraint::taken;
use crate::db::{Row, Tx};
use crate::{json, params, sql};

fn definition_of(row: &Row) -> Result<Definition> {
    Ok(Definition {
        id: row.get("id")?,
        scope: row.get_word("scope", Scope::parse)?,
        key: row.get("key")?,
        name: row.get("name")?,
        description: row.get("description")?,
        kind: row.get_word("type", ValueKind::parse)?,
        options: row.get_json("options")?,
        regex: row.get("regex")?,
        regex_hint: row.get("regex_hint")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

/// The attributes that things of this scope may have, by key.
///
/// # Errors
/// Those of the statement.
pub async fn definitions(tx: &mut Tx, scope: Scope) -> Result<Vec<Definition>> {
    let select = sql!("SELECT * FROM attribute_definitions WHERE scope = $1 ORDER BY key_fold");
    tx.query(select, &params![scope.as_str()]).await?.iter().map(definition_of).collect()
}

/// All definitions, by scope and key.
///
/// # Errors
/// Those of the statement.
pub async fn all_definitions(tx: &mut Tx) -> Result<Vec<Definition>> {
    let select = sql!("SELECT * FROM attribute_definitions ORDER BY scope, key_fold");
    tx.query(select, &[]).await?.iter().map(definition_of).collect()
}

/// # Errors
/// [`Error::NotFound`].
pub async fn definition(tx: &mut Tx, id: AttributeId) -> Result<Definition> {
    let select = sql!("SELECT * FROM attribute_definitions WHERE id = $1");
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(definition_of).transpose()?.ok_or(Error::NotFound(Entity::Attribute))
}

/// Holds definitions and the rules made of them as they are until the end of the transaction: for whoever writes values.
/// Comes after the locks of agents and before every other lock.
///
/// # Errors
/// Those of the statement.
pub async fn hold_definitions(tx: &mut Tx) -> Result<()> {
    let hold = sql!(
        sqlite: "SELECT 1 AS locked",
        postgres: "SELECT pg_advisory_xact_lock_shared(x'6d75737465720005'::bigint) AS locked",
    );
    tx.query(hold, &[]).await.map(drop)
}

/// Waits for everybody who writes values, and keeps them out until the end of the transaction: for whoever changes
/// definitions or rules. Comes after the locks of agents and before every other lock.
///
/// # Errors
/// Those of the statement.
pub async fn lock_definitions(tx: &mut Tx) -> Result<()> {
    let lock = sql!(
        sqlite: "SELECT 1 AS locked",
        postgres: "SELECT pg_advisory_xact_lock(x'6d75737465720005'::bigint) AS locked",
    );
    tx.query(lock, &[]).await.map(drop)
}

/// Stores a new definition and returns its id; `definition.id` is not looked at.
///
/// # Errors
/// [`Error::Conflict`] if the scope has this key.
pub async fn insert_definition(tx: &mut Tx, definition: &Definition) -> Result<AttributeId> {
    let insert = sql!(
        "INSERT INTO attribute_definitions (scope, key, key_fold, name, description, type, options, regex, regex_hint,
           created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id"
    );
    let values = params![
        definition.scope.as_str(),
        &definition.key,
        text::key(&definition.key),
        &definition.name,
        &definition.description,
        definition.kind.as_str(),
        json(&definition.options)?,
        definition.regex.as_deref(),
        &definition.regex_hint,
        definition.created_at,
        definition.updated_at,
        definition.version,
    ];
    tx.query_one(insert, &values).await.map_err(|error| taken(error, Entity::Attribute))?.get("id")
}

/// Saves what of a definition can change.
///
/// # Errors
/// Those of the statement.
pub async fn save_definition(tx: &mut Tx, definition: &Definition) -> Result<()> {
    let update = sql!(
        "UPDATE attribute_definitions
         SET name = $2, description = $3, options = $4, regex = $5, regex_hint = $6, updated_at = $7, version = $8
         WHERE id = $1"
    );
    let values = params![
        definition.id,
        &definition.name,
        &definition.description,
        json(&definition.options)?,
        definition.regex.as_deref(),
        &definition.regex_hint,
        definition.updated_at,
        definition.version,
    ];
    tx.execute(update, &values).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn delete_definition(tx: &mut Tx, id: AttributeId) -> Result<()> {
    tx.execute(sql!("DELETE FROM attribute_definitions WHERE id = $1"), &params![id]).await.map(drop)
}
