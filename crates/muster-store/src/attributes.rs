//! Definitions of attributes.

use muster_core::Result;
use muster_core::attribute::{Definition, Scope, ValueKind};

use crate::db::Tx;
use crate::{params, sql};

/// The attributes that things of this scope may have, by key.
///
/// # Errors
/// Those of the statement.
pub async fn definitions(tx: &mut Tx, scope: Scope) -> Result<Vec<Definition>> {
    let select = sql!(
        "SELECT scope, key, name, description, type, options FROM attribute_definitions
         WHERE scope = $1 ORDER BY key_fold"
    );
    let rows = tx.query(select, &params![scope.as_str()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Definition {
                scope: row.get_word("scope", Scope::parse)?,
                key: row.get("key")?,
                name: row.get("name")?,
                description: row.get("description")?,
                kind: row.get_word("type", ValueKind::parse)?,
                options: row.get_json("options")?,
            })
        })
        .collect()
}
