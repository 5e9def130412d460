//! Who has a value under a key.
//!
//! Values are kept as one JSON object on each row. A key stands in it spelled as it is defined, and holds neither quotes
//! nor backslashes, so that its JSON text finds the rows that may have it.

use muster_core::agent::Attributes;
use muster_core::attribute::Scope;
use muster_core::id::AgentId;
use muster_core::{Result, Timestamp};
use serde_json::Value as Json;

use crate::db::{Sql, Tx};
use crate::{params, sql};

/// The next `limit` rows after the row of this id that may have a value under `key`: their ids, and the value if they
/// have one. Deleted agents and contacts are left out.
///
/// # Errors
/// Those of the statement.
pub async fn values_page(
    tx: &mut Tx,
    scope: Scope,
    key: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<(i64, Option<Json>)>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.query(page(scope), &params![needle(key), after, limit]).await?;
    rows.iter()
        .map(|row| {
            let mut values: Attributes = row.get_json("values_json")?;
            Ok((row.get("id")?, values.remove(key)))
        })
        .collect()
}

const fn page(scope: Scope) -> Sql {
    match scope {
        Scope::AgentCustom => sql!(
            sqlite: "SELECT id, attributes AS values_json FROM agents
                     WHERE instr(attributes, $1) > 0 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3",
            postgres: "SELECT id, attributes AS values_json FROM agents
                       WHERE strpos(attributes, $1) > 0 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3",
        ),
        Scope::AgentSkill => sql!(
            sqlite: "SELECT id, skill_attributes AS values_json FROM agents
                     WHERE instr(skill_attributes, $1) > 0 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3",
            postgres: "SELECT id, skill_attributes AS values_json FROM agents
                       WHERE strpos(skill_attributes, $1) > 0 AND id > $2 AND deleted_at IS NULL
                       ORDER BY id LIMIT $3",
        ),
        Scope::Contact => sql!(
            sqlite: "SELECT id, attributes AS values_json FROM contacts
                     WHERE instr(attributes, $1) > 0 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3",
            postgres: "SELECT id, attributes AS values_json FROM contacts
                       WHERE strpos(attributes, $1) > 0 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3",
        ),
        Scope::Conversation => sql!(
            sqlite: "SELECT id, attributes AS values_json FROM conversations
                     WHERE instr(attributes, $1) > 0 AND id > $2 ORDER BY id LIMIT $3",
            postgres: "SELECT id, attributes AS values_json FROM conversations
                       WHERE strpos(attributes, $1) > 0 AND id > $2 ORDER BY id LIMIT $3",
        ),
    }
}

/// The agents that may have a value under `key`, by ascending id.
///
/// # Errors
/// Those of the statement.
pub async fn agents_with(tx: &mut Tx, scope: Scope, key: &str) -> Result<Vec<AgentId>> {
    let found = values_page(tx, scope, key, i64::MIN, usize::MAX).await?;
    Ok(found.into_iter().map(|(id, _)| AgentId(id)).collect())
}

/// Locks the contacts or conversations that may have a value under `key`, by ascending id. Agents are locked by
/// [`lock_profiles`](crate::agents::lock_profiles).
///
/// # Errors
/// Those of the statement.
pub async fn lock_holders(tx: &mut Tx, scope: Scope, key: &str) -> Result<()> {
    let lock = match scope {
        Scope::AgentCustom | Scope::AgentSkill => return Ok(()),
        Scope::Contact => sql!(
            sqlite: "SELECT 1 AS locked WHERE $1 = ''",
            postgres: "SELECT id FROM contacts WHERE strpos(attributes, $1) > 0 ORDER BY id FOR UPDATE",
        ),
        Scope::Conversation => sql!(
            sqlite: "SELECT 1 AS locked WHERE $1 = ''",
            postgres: "SELECT id FROM conversations WHERE strpos(attributes, $1) > 0 ORDER BY id FOR UPDATE",
        ),
    };
    tx.query(lock, &params![needle(key)]).await.map(drop)
}

/// Takes the value under `key` from all contacts or conversations. Agents' values go with their profiles.
///
/// # Errors
/// Those of the statement.
pub async fn drop_values(tx: &mut Tx, scope: Scope, key: &str, now: Timestamp) -> Result<()> {
    let drop_key = match scope {
        Scope::AgentCustom | Scope::AgentSkill => return Ok(()),
        Scope::Contact => sql!(
            sqlite: "UPDATE contacts SET attributes = json_remove(attributes, '$.\"' || $2 || '\"'), updated_at = $3,
                       version = version + 1 WHERE instr(attributes, $1) > 0",
            postgres: "UPDATE contacts SET attributes = (attributes::jsonb - $2::text)::text, updated_at = $3,
                         version = version + 1 WHERE strpos(attributes, $1) > 0",
        ),
        Scope::Conversation => sql!(
            sqlite: "UPDATE conversations SET attributes = json_remove(attributes, '$.\"' || $2 || '\"'),
                       updated_at = $3, version = version + 1 WHERE instr(attributes, $1) > 0",
            postgres: "UPDATE conversations SET attributes = (attributes::jsonb - $2::text)::text, updated_at = $3,
                         version = version + 1 WHERE strpos(attributes, $1) > 0",
        ),
    };
    tx.execute(drop_key, &params![needle(key), key, now]).await.map(drop)
}

/// The text of a key within a JSON object.
fn needle(key: &str) -> String {
    format!("\"{key}\":")
}
