//! Roles.

use muster_core::id::RoleId;
use muster_core::role::Role;
use muster_core::text;
use muster_core::{Entity, Error, Result};

use crate::constraint::taken;
use crate::db::{Row, SqlBuf, Tx};
use crate::{params, sql};

fn role_of(row: &Row) -> Result<Role> {
    Ok(Role {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        key: row.get("key")?,
        name: row.get("name")?,
        description: row.get("description")?,
        permissions: row.get_json("permissions")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

/// All roles, by id.
///
/// # Errors
/// Those of the statement.
pub async fn list(tx: &mut Tx) -> Result<Vec<Role>> {
    tx.query(sql!("SELECT * FROM roles ORDER BY id"), &[]).await?.iter().map(role_of).collect()
}

/// # Errors
/// [`Error::NotFound`].
pub async fn role(tx: &mut Tx, id: RoleId) -> Result<Role> {
    find_role(tx, id).await?.ok_or(Error::NotFound(Entity::Role))
}

/// # Errors
/// Those of the statement.
pub async fn find_role(tx: &mut Tx, id: RoleId) -> Result<Option<Role>> {
    tx.query_opt(sql!("SELECT * FROM roles WHERE id = $1"), &params![id]).await?.as_ref().map(role_of).transpose()
}

/// The built-in role of that key.
///
/// # Errors
/// Those of the statement.
pub async fn find_built_in(tx: &mut Tx, key: &str) -> Result<Option<Role>> {
    tx.query_opt(sql!("SELECT * FROM roles WHERE key = $1"), &params![key]).await?.as_ref().map(role_of).transpose()
}

/// [`find_built_in`] for a role that has to be there.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn built_in(tx: &mut Tx, key: &str) -> Result<Role> {
    find_built_in(tx, key).await?.ok_or(Error::NotFound(Entity::Role))
}

/// # Errors
/// Those of the statement.
pub async fn find_by_name(tx: &mut Tx, name: &str) -> Result<Option<Role>> {
    let select = sql!("SELECT * FROM roles WHERE name_key = $1");
    tx.query_opt(select, &params![text::key(name)]).await?.as_ref().map(role_of).transpose()
}

/// The roles of those ids that exist, by id.
///
/// # Errors
/// Those of the statement.
pub async fn roles_by_ids(tx: &mut Tx, ids: &[RoleId]) -> Result<Vec<Role>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT * FROM roles WHERE id IN ");
    select.bind_list(ids.iter().copied()).push(" ORDER BY id");
    tx.query_buf(&select).await?.iter().map(role_of).collect()
}

/// Locks the role: nobody can be given it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_role(tx: &mut Tx, id: RoleId) -> Result<Role> {
    let select = sql!(
        sqlite: "SELECT * FROM roles WHERE id = $1",
        postgres: "SELECT * FROM roles WHERE id = $1 FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    row.as_ref().map(role_of).transpose()?.ok_or(Error::NotFound(Entity::Role))
}

/// Stores a new role and returns its id; `role.id` is not looked at.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken.
pub async fn insert_role(tx: &mut Tx, role: &Role) -> Result<RoleId> {
    let insert = sql!(
        "INSERT INTO roles (public_id, key, name, name_key, description, permissions, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id"
    );
    let values = params![
        &role.public_id,
        role.key.as_deref(),
        &role.name,
        text::key(&role.name),
        &role.description,
        permissions(role)?,
        role.created_at,
        role.updated_at,
        role.version,
    ];
    tx.query_one(insert, &values).await.map_err(|error| taken(error, Entity::Role))?.get("id")
}

/// # Errors
/// [`Error::Conflict`] if the name is taken.
pub async fn save_role(tx: &mut Tx, role: &Role) -> Result<()> {
    let update = sql!(
        "UPDATE roles SET name = $2, name_key = $3, description = $4, permissions = $5, updated_at = $6, version = $7
         WHERE id = $1"
    );
    let values = params![
        role.id,
        &role.name,
        text::key(&role.name),
        &role.description,
        permissions(role)?,
        role.updated_at,
        role.version,
    ];
    tx.execute(update, &values).await.map(drop).map_err(|error| taken(error, Entity::Role))
}

/// Deletes a role and takes it from whoever holds it.
///
/// # Errors
/// Those of the statements.
pub async fn delete_role(tx: &mut Tx, id: RoleId) -> Result<()> {
    tx.execute(sql!("DELETE FROM agent_roles WHERE role_id = $1"), &params![id]).await?;
    tx.execute(sql!("DELETE FROM roles WHERE id = $1"), &params![id]).await.map(drop)
}

fn permissions(role: &Role) -> Result<String> {
    serde_json::to_string(&role.permissions).map_err(Error::internal)
}
