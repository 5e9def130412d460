//! Integrations, their tokens, and how often they called. Of secrets only hashes are kept.

mod calls;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use muster_core::id::{IntegrationId, TeamId};
use muster_core::integration::{Integration, Proof, TeamScope};
use muster_core::{Entity, Error, Result, Timestamp, text};

pub use calls::count_call;
pub use tokens::{Token, count_tokens_since, delete_tokens_expired_before, find_by_token, insert_token};

use crate::constraint::{missing, taken};
use crate::db::{Row, Tx, lost_race, unique_violation};
use crate::{params, sql};

const ALL: &str = "all";
const LISTED: &str = "listed";

/// Those that aren't revoked, by id.
///
/// # Errors
/// Those of the statements.
pub async fn list(tx: &mut Tx) -> Result<Vec<Integration>> {
    let mut teams: BTreeMap<IntegrationId, BTreeSet<TeamId>> = BTreeMap::new();
    for row in tx.query(sql!("SELECT integration_id, team_id FROM integration_teams"), &[]).await? {
        teams.entry(row.get("integration_id")?).or_default().insert(row.get("team_id")?);
    }
    let select = sql!("SELECT * FROM integrations WHERE revoked_at IS NULL ORDER BY id");
    let rows = tx.query(select, &[]).await?;
    rows.iter().map(|row| integration_of(row, teams.remove(&row.get("id")?).unwrap_or_default())).collect()
}

/// Unless it is revoked; as all that follow.
///
/// # Errors
/// Those of the statements.
pub async fn find_by_name(tx: &mut Tx, kind: &str, name: &str) -> Result<Option<Integration>> {
    let select = sql!("SELECT * FROM integrations WHERE kind = $1 AND name_key = $2 AND revoked_at IS NULL");
    let row = tx.query_opt(select, &params![kind, text::key(name)]).await?;
    complete(tx, row).await
}

/// With the hash of its key, which is stored as SHA-256 in hexadecimal.
///
/// # Errors
/// Those of the statements.
pub async fn find_by_key(tx: &mut Tx, key_hash: &str) -> Result<Option<(String, Integration)>> {
    let select = sql!("SELECT * FROM integrations WHERE key_hash = $1 AND revoked_at IS NULL");
    let Some(row) = tx.query_opt(select, &params![key_hash]).await? else { return Ok(None) };
    let stored = row.get("key_hash")?;
    Ok(complete(tx, Some(row)).await?.map(|integration| (stored, integration)))
}

/// # Errors
/// Those of the statements.
pub(crate) async fn find(tx: &mut Tx, id: IntegrationId) -> Result<Option<Integration>> {
    let select = sql!("SELECT * FROM integrations WHERE id = $1 AND revoked_at IS NULL");
    let row = tx.query_opt(select, &params![id]).await?;
    complete(tx, row).await
}

/// Locks it, after everything else.
///
/// # Errors
/// Those of the statements.
pub async fn lock(tx: &mut Tx, id: IntegrationId) -> Result<Option<Integration>> {
    let select = sql!(
        sqlite: "SELECT * FROM integrations WHERE id = $1 AND revoked_at IS NULL",
        postgres: "SELECT * FROM integrations WHERE id = $1 AND revoked_at IS NULL FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    complete(tx, row).await
}

/// Every account name of a kind that was ever given, folded.
///
/// # Errors
/// Those of the statement.
pub async fn account_names(tx: &mut Tx, kind: &str) -> Result<BTreeSet<String>> {
    let select = sql!("SELECT account_key FROM integrations WHERE kind = $1");
    tx.query(select, &params![kind]).await?.iter().map(|row| row.get("account_key")).collect()
}

/// Stores a new integration and returns its id; `integration.id` is not looked at.
///
/// # Errors
/// [`Error::Conflict`] if the name is taken; [`lost_race`] if the account name has just been given to another;
/// [`Error::NotFound`] if a team is gone.
pub async fn insert(tx: &mut Tx, integration: &Integration, key_hash: &str) -> Result<IntegrationId> {
    let insert = sql!(
        "INSERT INTO integrations (kind, account, account_key, name, name_key, key_hash, team_scope, proof, generation,
             created_by, created_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         RETURNING id"
    );
    let (scope, teams) = match &integration.teams {
        TeamScope::All => (ALL, None),
        TeamScope::Listed(teams) => (LISTED, Some(teams)),
    };
    let values = params![
        &integration.kind,
        &integration.account,
        text::key(&integration.account),
        &integration.name,
        text::key(&integration.name),
        key_hash,
        scope,
        integration.proof.as_str(),
        integration.generation,
        integration.created_by,
        integration.created_at,
        integration.revoked_at,
    ];
    let id = tx.query_one(insert, &values).await.map_err(name_taken)?.get("id")?;
    for team in teams.into_iter().flatten() {
        let insert = sql!("INSERT INTO integration_teams (integration_id, team_id) VALUES ($1, $2)");
        tx.execute(insert, &params![id, *team]).await.map_err(|error| missing(error, Entity::Team))?;
    }
    Ok(id)
}

fn name_taken(error: Error) -> Error {
    let is_account = unique_violation(&error).is_some_and(|what| what.contains("account_key"));
    if is_account { lost_race() } else { taken(error, Entity::Integration) }
}

/// # Errors
/// Those of the statement.
pub async fn save_generation(tx: &mut Tx, id: IntegrationId, generation: i64) -> Result<()> {
    let update = sql!("UPDATE integrations SET generation = $2 WHERE id = $1");
    tx.execute(update, &params![id, generation]).await.map(drop)
}

/// Revokes it: its tokens, its teams and its counts go.
///
/// # Errors
/// Those of the statements.
pub async fn revoke(tx: &mut Tx, id: IntegrationId, now: Timestamp) -> Result<()> {
    tx.execute(sql!("UPDATE integrations SET revoked_at = $2 WHERE id = $1"), &params![id, now]).await?;
    tx.execute(sql!("DELETE FROM integration_tokens WHERE integration_id = $1"), &params![id]).await?;
    tx.execute(sql!("DELETE FROM integration_teams WHERE integration_id = $1"), &params![id]).await?;
    tx.execute(sql!("DELETE FROM integration_calls WHERE integration_id = $1"), &params![id]).await.map(drop)
}

/// Takes a team out of every list, and tells whose lists it stood in. The lists stay lists.
///
/// # Errors
/// Those of the statement.
pub async fn forget_team(tx: &mut Tx, team: TeamId) -> Result<Vec<IntegrationId>> {
    let delete = sql!("DELETE FROM integration_teams WHERE team_id = $1 RETURNING integration_id");
    let mut ids: Vec<IntegrationId> =
        tx.query(delete, &params![team]).await?.iter().map(|row| row.get("integration_id")).collect::<Result<_>>()?;
    ids.sort_unstable();
    Ok(ids)
}

/// The integration of a row, with its teams.
async fn complete(tx: &mut Tx, row: Option<Row>) -> Result<Option<Integration>> {
    let Some(row) = row else { return Ok(None) };
    let id: IntegrationId = row.get("id")?;
    let select = sql!("SELECT team_id FROM integration_teams WHERE integration_id = $1");
    let teams = tx.query(select, &params![id]).await?.iter().map(|row| row.get("team_id")).collect::<Result<_>>()?;
    integration_of(&row, teams).map(Some)
}

fn integration_of(row: &Row, teams: BTreeSet<TeamId>) -> Result<Integration> {
    let scope = |word: &str| match word {
        ALL => Some(TeamScope::All),
        LISTED => Some(TeamScope::Listed(teams)),
        _ => None,
    };
    Ok(Integration {
        id: row.get("id")?,
        kind: row.get("kind")?,
        account: row.get("account")?,
        name: row.get("name")?,
        teams: row.get_word("team_scope", scope)?,
        proof: row.get_word("proof", Proof::parse)?,
        generation: row.get("generation")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}

/// What an integration is called, a revoked one too.
///
/// # Errors
/// As [`Tx::query`].
pub async fn name(tx: &mut Tx, id: IntegrationId) -> Result<Option<String>> {
    let row = tx.query_opt(sql!("SELECT name FROM integrations WHERE id = $1"), &params![id]).await?;
    row.map(|row| row.get("name")).transpose()
}
