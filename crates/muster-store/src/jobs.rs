//! Jobs: work that has to be done outside any transaction, written in the one that wants it.
//!
//! A job is claimed in one transaction, worked on outside, and finished in another. A claim holds for a while, so that
//! the job of a process that died is tried again.

use std::time::Duration;

use muster_core::id::JobId;
use muster_core::{Result, Timestamp};

use crate::db::{Row, SqlBuf, Tx};
use crate::{params, sql};

mod list;

pub use list::{JobEntry, count_waiting, dead, find, list, revive};

/// A job to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Which worker it is for.
    pub name: &'static str,
    /// Unique among all jobs ever; a second job of the same key is not written.
    pub key: Option<String>,
    /// What the worker needs to know. Never logged or shown.
    pub payload: serde_json::Value,
    /// A secret that the worker needs, sealed. The row keeps it until the job is done or dead.
    pub secret: Option<String>,
    pub run_at: Timestamp,
}

/// A job in hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub name: String,
    pub payload: serde_json::Value,
    pub secret: Option<String>,
    /// Which try this is: 1 at first.
    pub attempt: u32,
    /// Until when the claim holds; tells it from later claims.
    pub locked_until: Timestamp,
    pub created_at: Timestamp,
}

/// Writes a job, or finds the one that has its key.
///
/// # Errors
/// As [`Tx::query`].
pub async fn insert(tx: &mut Tx, job: NewJob, now: Timestamp) -> Result<JobId> {
    let upsert = sql!(
        "INSERT INTO jobs (name, key, payload, secret, run_at, attempts, created_at) VALUES ($1, $2, $3, $4, $5, 0, $6)
         ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id"
    );
    let params = params![job.name, job.key, job.payload.to_string(), job.secret, job.run_at, now];
    tx.query_one(upsert, &params).await?.get("id")
}

/// Writes the one job of something that recurs, due at once; or finds it, due after `every` at the latest.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn save_recurring(tx: &mut Tx, name: &'static str, every: Duration, now: Timestamp) -> Result<()> {
    let upsert = sql!(
        "INSERT INTO jobs (name, key, payload, run_at, attempts, created_at) VALUES ($1, $2, '{}', $3, 0, $3)
         ON CONFLICT (key) DO UPDATE SET run_at = CASE WHEN jobs.run_at > $4 THEN $4 ELSE jobs.run_at END"
    );
    let key = format!("recurring:{name}");
    tx.execute(upsert, &params![name, key, now, now + every]).await.map(drop)
}

/// Whether a job of this name waits that nobody has in hand. Until the end of the transaction nobody takes it.
///
/// # Errors
/// As [`Tx::query`].
pub async fn hold_waiting(tx: &mut Tx, name: &str) -> Result<bool> {
    let hold = sql!(
        sqlite: "SELECT id FROM jobs
                 WHERE name = $1 AND done_at IS NULL AND dead_at IS NULL AND locked_until IS NULL LIMIT 1",
        postgres: "SELECT id FROM jobs
                   WHERE name = $1 AND done_at IS NULL AND dead_at IS NULL AND locked_until IS NULL LIMIT 1 FOR UPDATE",
    );
    Ok(!tx.query(hold, &params![name]).await?.is_empty())
}

/// Claims up to `limit` due jobs of a name for `hold`, the longest overdue first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn claim(tx: &mut Tx, name: &str, now: Timestamp, hold: Duration, limit: usize) -> Result<Vec<Job>> {
    let claim = sql!(
        sqlite: "UPDATE jobs SET attempts = attempts + 1, locked_until = $3 WHERE id IN (
                     SELECT id FROM jobs WHERE done_at IS NULL AND dead_at IS NULL AND name = $1 AND run_at <= $2
                     AND (locked_until IS NULL OR locked_until <= $2) ORDER BY run_at, id LIMIT $4
                 ) RETURNING id, name, payload, secret, attempts, locked_until, created_at",
        postgres: "UPDATE jobs SET attempts = attempts + 1, locked_until = $3 WHERE id IN (
                       SELECT id FROM jobs WHERE done_at IS NULL AND dead_at IS NULL AND name = $1 AND run_at <= $2
                       AND (locked_until IS NULL OR locked_until <= $2) ORDER BY run_at, id LIMIT $4
                       FOR UPDATE SKIP LOCKED
                   ) RETURNING id, name, payload, secret, attempts, locked_until, created_at",
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.query(claim, &params![name, now, now + hold, limit]).await?;
    let mut jobs: Vec<Job> = rows.iter().map(job).collect::<Result<_>>()?;
    jobs.sort_by_key(|job| job.id);
    Ok(jobs)
}

/// Marks a job as done. False if its claim has run out and it is somebody else's now.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn finish(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<bool> {
    let update =
        sql!("UPDATE jobs SET done_at = $3, locked_until = NULL, secret = NULL WHERE id = $1 AND locked_until = $2");
    let changed = tx.execute(update, &params![job.id, job.locked_until, now]).await?;
    Ok(changed == 1)
}

/// Makes a job that was done due again at `run_at`, as if it had never been tried. False if its claim has run out.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn renew(tx: &mut Tx, job: &Job, run_at: Timestamp) -> Result<bool> {
    let update = sql!(
        "UPDATE jobs SET locked_until = NULL, attempts = 0, last_error = NULL, run_at = $3
         WHERE id = $1 AND locked_until = $2"
    );
    let changed = tx.execute(update, &params![job.id, job.locked_until, run_at]).await?;
    Ok(changed == 1)
}

/// Gives a claim back whose try doesn't count; the job is due at `now`. False if the claim has run out.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn put_back(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<bool> {
    let update = sql!(
        "UPDATE jobs SET locked_until = NULL, run_at = $3, attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
         WHERE id = $1 AND locked_until = $2"
    );
    let changed = tx.execute(update, &params![job.id, job.locked_until, now]).await?;
    Ok(changed == 1)
}

/// Puts a job back after a failure, to be tried again at `run_at`; `None`: never, it is dead. False if its claim has
/// run out.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn fail(tx: &mut Tx, job: &Job, error: &str, run_at: Option<Timestamp>, now: Timestamp) -> Result<bool> {
    let update = sql!(
        "UPDATE jobs SET locked_until = NULL, last_error = $3, run_at = COALESCE($4, run_at), dead_at = $5,
         secret = CASE WHEN $4 IS NULL THEN NULL ELSE secret END
         WHERE id = $1 AND locked_until = $2"
    );
    let dead_at = run_at.is_none().then_some(now);
    let changed = tx.execute(update, &params![job.id, job.locked_until, error, run_at, dead_at]).await?;
    Ok(changed == 1)
}

/// Takes back every claim: whoever held them is gone.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn release(tx: &mut Tx) -> Result<()> {
    tx.execute(sql!("UPDATE jobs SET locked_until = NULL WHERE locked_until IS NOT NULL"), &params![]).await.map(drop)
}

/// When the next job of each of these names may be claimed. Names that have none are left out.
///
/// # Errors
/// As [`Tx::query`].
pub async fn next_due(tx: &mut Tx, names: &[&'static str]) -> Result<Vec<(&'static str, Timestamp)>> {
    let mut select = SqlBuf::new("SELECT name, MIN(COALESCE(locked_until, run_at)) AS due_at FROM jobs");
    select.push(" WHERE done_at IS NULL AND dead_at IS NULL AND name IN ").bind_list(names.iter().copied());
    select.push(" GROUP BY name");
    let rows = tx.query_buf(&select).await?;
    let due =
        rows.iter().map(|row| Ok((row.get::<String>("name")?, row.get("due_at")?))).collect::<Result<Vec<_>>>()?;
    let known = |(name, at): (String, _)| names.iter().find(|known| **known == name).map(|known| (*known, at));
    Ok(due.into_iter().filter_map(known).collect())
}

fn job(row: &Row) -> Result<Job> {
    Ok(Job {
        id: row.get("id")?,
        name: row.get("name")?,
        payload: row.get_json("payload")?,
        secret: row.get("secret")?,
        attempt: row.get("attempts")?,
        locked_until: row.get("locked_until")?,
        created_at: row.get("created_at")?,
    })
}
