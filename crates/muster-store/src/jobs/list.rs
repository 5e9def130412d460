//! Jobs as those who watch over the desk see them.

use muster_core::id::JobId;
use muster_core::job::JobState;
use muster_core::view::PageRequest;
use muster_core::{Error, Result, Timestamp};

use crate::db::{Row, SqlBuf, Tx};
use crate::{params, sql};

/// A job without its secret.
#[derive(Debug, Clone, PartialEq)]
pub struct JobEntry {
    pub id: JobId,
    pub name: String,
    pub state: JobState,
    /// Never shown to anybody.
    pub payload: serde_json::Value,
    /// Tries so far.
    pub attempts: u32,
    /// How the last try that failed ended.
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    /// When it is tried next, or was to be.
    pub run_at: Timestamp,
    /// When it was done or given up.
    pub ended_at: Option<Timestamp>,
}

const COLUMNS: &str = "SELECT id, name, payload, attempts, last_error, created_at, run_at, done_at, dead_at FROM jobs";

/// One page of the jobs of a state, or of all, and how many there are on all pages. The dead come first, then those
/// that wait, the next first; then those that are done; the latest of each end first.
///
/// # Errors
/// Those of the statements.
pub async fn list(tx: &mut Tx, state: Option<JobState>, page: PageRequest) -> Result<(Vec<JobEntry>, i64)> {
    let condition = match state {
        None => "",
        Some(JobState::Dead) => " WHERE dead_at IS NOT NULL",
        Some(JobState::Waiting) => " WHERE dead_at IS NULL AND done_at IS NULL",
        Some(JobState::Done) => " WHERE done_at IS NOT NULL",
    };
    let mut count = SqlBuf::new("SELECT COUNT(*) AS count FROM jobs");
    count.push(condition);
    let total = match tx.query_buf(&count).await?.first() {
        Some(row) => row.get("count")?,
        None => 0,
    };
    let mut select = SqlBuf::new(COLUMNS);
    select.push(condition);
    select.push(" ORDER BY CASE WHEN dead_at IS NOT NULL THEN 0 WHEN done_at IS NULL THEN 1 ELSE 2 END,");
    select.push(" COALESCE(dead_at, done_at) DESC, run_at, id LIMIT ").bind(page.size);
    select.push(" OFFSET ").bind(page.offset());
    let entries = tx.query_buf(&select).await?.iter().map(entry).collect::<Result<_>>()?;
    Ok((entries, total))
}

/// # Errors
/// Those of the statement.
pub async fn find(tx: &mut Tx, id: JobId) -> Result<Option<JobEntry>> {
    let mut select = SqlBuf::new(COLUMNS);
    select.push(" WHERE id = ").bind(id);
    tx.query_buf(&select).await?.first().map(entry).transpose()
}

/// The ids of the dead, the oldest first.
///
/// # Errors
/// Those of the statement.
pub async fn dead(tx: &mut Tx) -> Result<Vec<JobId>> {
    let select = sql!("SELECT id FROM jobs WHERE dead_at IS NOT NULL ORDER BY id");
    tx.query(select, &params![]).await?.iter().map(|row| row.get("id")).collect()
}

/// How many jobs of these names wait.
///
/// # Errors
/// Those of the statement.
pub async fn count_waiting(tx: &mut Tx, names: &[&'static str]) -> Result<i64> {
    let mut count = SqlBuf::new("SELECT COUNT(*) AS count FROM jobs WHERE done_at IS NULL AND dead_at IS NULL");
    count.push(" AND name IN ").bind_list(names.iter().copied());
    match tx.query_buf(&count).await?.first() {
        Some(row) => row.get("count"),
        None => Ok(0),
    }
}

/// Makes a job that is dead, or else one that waits, due at `now`, as if it had never been tried, with a new payload and,
/// where there is one, a new secret. False if it isn't so any more.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn revive(
    tx: &mut Tx,
    id: JobId,
    is_dead: bool,
    payload: &serde_json::Value,
    secret: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let update = sql!(
        "UPDATE jobs SET dead_at = NULL, attempts = 0, run_at = $2, payload = $3, secret = COALESCE($4, secret)
         WHERE id = $1 AND done_at IS NULL AND (dead_at IS NOT NULL) = $5"
    );
    Ok(tx.execute(update, &params![id, now, payload.to_string(), secret, is_dead]).await? == 1)
}

fn entry(row: &Row) -> Result<JobEntry> {
    let (done_at, dead_at): (Option<Timestamp>, Option<Timestamp>) = (row.get("done_at")?, row.get("dead_at")?);
    let state = match (dead_at, done_at) {
        (None, None) => JobState::Waiting,
        (None, Some(_)) => JobState::Done,
        (Some(_), None) => JobState::Dead,
        (Some(_), Some(_)) => return Err(Error::internal("jobs: a row is both done and dead")),
    };
    Ok(JobEntry {
        id: row.get("id")?,
        name: row.get("name")?,
        state,
        payload: row.get_json("payload")?,
        attempts: row.get("attempts")?,
        last_error: row.get("last_error")?,
        created_at: row.get("created_at")?,
        run_at: row.get("run_at")?,
        ended_at: dead_at.or(done_at),
    })
}
