//! How often integrations called, by day.

use muster_core::id::IntegrationId;
use muster_core::{Result, Timestamp};

use crate::db::Tx;
use crate::{params, sql};

/// Counts one more call of a day if fewer than `limit`, which is at least 1, were counted. Returns how many there are
/// then; `None` if it was one too many. With a day's first call, days before `keep_from` are forgotten.
///
/// # Errors
/// Those of the statements.
pub async fn count_call(
    tx: &mut Tx,
    integration: IntegrationId,
    day: Timestamp,
    limit: u32,
    keep_from: Timestamp,
) -> Result<Option<u32>> {
    let count = sql!(
        "INSERT INTO integration_calls (integration_id, day, calls) VALUES ($1, $2, 1)
         ON CONFLICT (integration_id, day) DO UPDATE SET calls = integration_calls.calls + 1
             WHERE integration_calls.calls < $3
         RETURNING calls"
    );
    let Some(row) = tx.query_opt(count, &params![integration, day, limit]).await? else { return Ok(None) };
    let calls = row.get("calls")?;
    if calls == 1 {
        let forget = sql!("DELETE FROM integration_calls WHERE integration_id = $1 AND day < $2");
        tx.execute(forget, &params![integration, keep_from]).await?;
    }
    Ok(Some(calls))
}
