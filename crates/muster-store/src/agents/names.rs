//! What agents are known by: sign-in names, the keys of all logins and e-mails of live agents in one name space; and
//! public ids.

use std::collections::{BTreeMap, BTreeSet};

use muster_core::Result;
use muster_core::agent::SignInName;
use muster_core::id::AgentId;

use crate::db::{SqlBuf, Tx};
use crate::{params, sql};

/// Whose a sign-in name is, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInOwner {
    pub agent: AgentId,
    pub is_login: bool,
    pub is_email: bool,
}

/// # Errors
/// Those of the statement.
pub async fn sign_in_owner(tx: &mut Tx, key: &str) -> Result<Option<SignInOwner>> {
    let select = sql!("SELECT agent_id, is_login, is_email FROM sign_in_names WHERE name_key = $1");
    let Some(row) = tx.query_opt(select, &params![key]).await? else { return Ok(None) };
    Ok(Some(SignInOwner {
        agent: row.get("agent_id")?,
        is_login: row.get("is_login")?,
        is_email: row.get("is_email")?,
    }))
}

/// The agents whose logins have these keys. Keys of nobody's login are left out.
///
/// # Errors
/// Those of the statement.
pub async fn ids_by_logins(tx: &mut Tx, keys: &BTreeSet<String>) -> Result<Vec<AgentId>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = SqlBuf::new("SELECT agent_id FROM sign_in_names WHERE is_login AND name_key IN ");
    select.bind_list(keys.iter().map(String::as_str));
    tx.query_buf(&select).await?.iter().map(|row| row.get("agent_id")).collect()
}

/// Whether an agent was deleted who had this login (its key). The name may be another's by now.
///
/// # Errors
/// Those of the statement.
pub async fn was_login_deleted(tx: &mut Tx, login_key: &str) -> Result<bool> {
    let select = sql!("SELECT id FROM agents WHERE login_key = $1 AND deleted_at IS NOT NULL LIMIT 1");
    Ok(tx.query_opt(select, &params![login_key]).await?.is_some())
}

/// The live agent of this public id, the system agent too.
///
/// # Errors
/// Those of the statement.
pub async fn id_by_public_id(tx: &mut Tx, public_id: &str) -> Result<Option<AgentId>> {
    let select = sql!("SELECT id FROM agents WHERE public_id = $1 AND deleted_at IS NULL");
    tx.query_opt(select, &params![public_id]).await?.map(|row| row.get("id")).transpose()
}

/// People and bots by their public ids. Ids that are nobody's, or of somebody deleted, are left out.
///
/// # Errors
/// Those of the statement.
pub async fn ids_by_public_ids(tx: &mut Tx, public_ids: &BTreeSet<String>) -> Result<BTreeMap<String, AgentId>> {
    if public_ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut select =
        SqlBuf::new("SELECT public_id, id FROM agents WHERE deleted_at IS NULL AND kind <> 'system' AND public_id IN ");
    select.bind_list(public_ids.iter().map(String::as_str));
    tx.query_buf(&select).await?.iter().map(|row| Ok((row.get("public_id")?, row.get("id")?))).collect()
}

/// Waits for everybody else who is making up a login, so that two of them don't make up the same one.
///
/// # Errors
/// Those of the statement.
pub async fn lock_names(tx: &mut Tx) -> Result<()> {
    let lock = sql!(
        sqlite: "SELECT 1 AS locked",
        postgres: "SELECT pg_advisory_xact_lock(x'6d75737465720004'::bigint) AS locked",
    );
    tx.query(lock, &[]).await.map(drop)
}

/// All taken keys that are `base` or begin with `base-`.
///
/// # Errors
/// Those of the statement.
pub async fn names_like(tx: &mut Tx, base: &str) -> Result<Vec<String>> {
    // The sign after '-' is '.', so the range holds exactly what begins with "base-".
    let select = sql!("SELECT name_key FROM sign_in_names WHERE name_key = $1 OR (name_key >= $2 AND name_key < $3)");
    let rows = tx.query(select, &params![base, format!("{base}-"), format!("{base}.")]).await?;
    rows.iter().map(|row| row.get("name_key")).collect()
}

/// Takes a name for the agent. False if it is another's already.
///
/// # Errors
/// Those of the statement.
pub async fn insert_sign_in_name(tx: &mut Tx, agent: AgentId, name: &SignInName) -> Result<bool> {
    let insert = sql!(
        "INSERT INTO sign_in_names (name_key, agent_id, is_login, is_email) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name_key) DO NOTHING"
    );
    Ok(tx.execute(insert, &params![&name.key, agent, name.is_login, name.is_email]).await? == 1)
}

/// # Errors
/// Those of the statement.
pub async fn delete_sign_in_names(tx: &mut Tx, agent: AgentId) -> Result<()> {
    tx.execute(sql!("DELETE FROM sign_in_names WHERE agent_id = $1"), &params![agent]).await.map(drop)
}
