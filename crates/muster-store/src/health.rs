//! What an operator wants to know of a desk that may be unwell.

use muster_core::{Result, Timestamp};

use crate::db::{Engine, Row, Tx};
use crate::{outbox, sql};

/// What SQLite's own check finds wrong with the database file, in its words. Nothing on PostgreSQL, which looks after
/// itself.
///
/// # Errors
/// As [`Tx::query`].
pub async fn damage(tx: &mut Tx) -> Result<Vec<String>> {
    if tx.engine() == Engine::Postgres {
        return Ok(Vec::new());
    }
    let rows = tx.query(sql!(sqlite: "SELECT quick_check AS finding FROM pragma_quick_check"), &[]).await?;
    let findings: Vec<String> = rows.iter().map(|row| row.get("finding")).collect::<Result<_>>()?;
    Ok(findings.into_iter().filter(|finding| finding != "ok").collect())
}

/// Jobs that were given up, by name, with how many there are.
///
/// # Errors
/// As [`Tx::query`].
pub async fn dead_jobs(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let select = sql!("SELECT name, COUNT(*) AS dead FROM jobs WHERE dead_at IS NOT NULL GROUP BY name ORDER BY name");
    tx.query(select, &[]).await?.iter().map(|row| Ok((row.get("name")?, row.get("dead")?))).collect()
}

/// The logins of people who can sign in but have no role, so that they can do nothing.
///
/// # Errors
/// As [`Tx::query`].
pub async fn agents_without_role(tx: &mut Tx) -> Result<Vec<String>> {
    let select = sql!(
        "SELECT login FROM agents
         WHERE deleted_at IS NULL AND enabled AND kind = 'human'
             AND NOT EXISTS (SELECT 1 FROM agent_roles WHERE agent_roles.agent_id = agents.id)
         ORDER BY id"
    );
    tx.query(select, &[]).await?.iter().map(|row| row.get("login")).collect()
}

/// What the database knows of a desk at work, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The latest event's position; 0 where there is none.
    pub position: i64,
    /// Events that have no position yet.
    pub unplaced: i64,
    /// How far those who follow the events by name have come.
    pub cursors: Vec<(String, i64)>,
    pub jobs: Vec<JobCount>,
}

/// How many jobs of a name aren't done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCount {
    pub name: String,
    pub waiting: i64,
    pub dead: i64,
}

/// # Errors
/// As [`Tx::query`].
pub async fn figures(tx: &mut Tx) -> Result<Figures> {
    let cursors = tx.query(sql!("SELECT name, pos FROM cursors ORDER BY name"), &[]).await?;
    let select = sql!(
        "SELECT name, SUM(CASE WHEN dead_at IS NULL THEN 1 ELSE 0 END) AS waiting,
             SUM(CASE WHEN dead_at IS NULL THEN 0 ELSE 1 END) AS dead
         FROM jobs WHERE done_at IS NULL GROUP BY name ORDER BY name"
    );
    let jobs = tx.query(select, &[]).await?;
    let job = |row: &Row| Ok(JobCount { name: row.get("name")?, waiting: row.get("waiting")?, dead: row.get("dead")? });
    Ok(Figures {
        position: outbox::last_position(tx).await?,
        unplaced: outbox::count_unplaced(tx).await?,
        cursors: cursors.iter().map(|row| Ok((row.get("name")?, row.get("pos")?))).collect::<Result<_>>()?,
        jobs: jobs.iter().map(job).collect::<Result<_>>()?,
    })
}

/// What the database knows of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When the latest event was.
    pub last_event: Option<Timestamp>,
    /// The database server's clock; `None` on SQLite, which has none of its own.
    pub server: Option<Timestamp>,
}

/// # Errors
/// As [`Tx::query`].
pub async fn times(tx: &mut Tx) -> Result<Times> {
    let last = tx.query_opt(sql!("SELECT at FROM events ORDER BY id DESC LIMIT 1"), &[]).await?;
    let last_event = last.map(|row| row.get("at")).transpose()?;
    if tx.engine() == Engine::Sqlite {
        return Ok(Times { last_event, server: None });
    }
    let select = sql!(postgres: "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now");
    Ok(Times { last_event, server: Some(tx.query_one(select, &[]).await?.get("now")?) })
}

/// How PostgreSQL is set, as far as a desk depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// Such as `17.2`.
    pub version: String,
    pub fsync: bool,
    pub full_page_writes: bool,
    pub synchronous_commit: String,
    /// How many connections are not reserved for the server's administrators.
    pub connections: i64,
}

/// `None` on SQLite.
///
/// # Errors
/// As [`Tx::query`].
pub async fn server_settings(tx: &mut Tx) -> Result<Option<ServerSettings>> {
    if tx.engine() == Engine::Sqlite {
        return Ok(None);
    }
    let select = sql!(postgres: "
        SELECT current_setting('server_version') AS version, current_setting('fsync') = 'on' AS fsync,
            current_setting('full_page_writes') = 'on' AS full_page_writes,
            current_setting('synchronous_commit') AS synchronous_commit,
            current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
                AS connections
    ");
    let row = tx.query_one(select, &[]).await?;
    Ok(Some(ServerSettings {
        version: row.get("version")?,
        fsync: row.get("fsync")?,
        full_page_writes: row.get("full_page_writes")?,
        synchronous_commit: row.get("synchronous_commit")?,
        connections: row.get("connections")?,
    }))
}
