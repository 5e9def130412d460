//! Tokens, which stand for an integration's key for a while.

use muster_core::id::IntegrationId;
use muster_core::integration::Integration;
use muster_core::{Result, Timestamp};

use super::find;
use crate::db::Tx;
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// SHA-256 of the token, in hexadecimal.
    pub token_hash: String,
    pub integration: IntegrationId,
    /// The integration's when it was made.
    pub generation: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A token, however old, and its integration, unless that is revoked.
///
/// # Errors
/// Those of the statements.
pub async fn find_by_token(tx: &mut Tx, token_hash: &str) -> Result<Option<(Token, Integration)>> {
    let select = sql!("SELECT * FROM integration_tokens WHERE token_hash = $1");
    let Some(row) = tx.query_opt(select, &params![token_hash]).await? else { return Ok(None) };
    let token = Token {
        token_hash: row.get("token_hash")?,
        integration: row.get("integration_id")?,
        generation: row.get("generation")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    };
    Ok(find(tx, token.integration).await?.map(|integration| (token, integration)))
}

/// # Errors
/// Those of the statement.
pub async fn insert_token(tx: &mut Tx, token: &Token) -> Result<()> {
    let insert = sql!(
        "INSERT INTO integration_tokens (token_hash, integration_id, generation, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)"
    );
    let values = params![&token.token_hash, token.integration, token.generation, token.created_at, token.expires_at];
    tx.execute(insert, &values).await.map(drop)
}

/// How many of an integration's tokens were made after `since`.
///
/// # Errors
/// Those of the statement.
pub async fn count_tokens_since(tx: &mut Tx, integration: IntegrationId, since: Timestamp) -> Result<u32> {
    let select = sql!("SELECT COUNT(*) AS made FROM integration_tokens WHERE integration_id = $1 AND created_at > $2");
    tx.query_one(select, &params![integration, since]).await?.get("made")
}

/// Forgets an integration's tokens that ran out before `before`.
///
/// # Errors
/// Those of the statement.
pub async fn delete_tokens_expired_before(tx: &mut Tx, integration: IntegrationId, before: Timestamp) -> Result<()> {
    let delete = sql!("DELETE FROM integration_tokens WHERE integration_id = $1 AND expires_at < $2");
    tx.execute(delete, &params![integration, before]).await.map(drop)
}
