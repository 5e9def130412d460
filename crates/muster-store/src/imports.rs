//! Lists that are read in, and how far that has come. Of each kind the last one is kept.

use muster_core::id::AgentId;
use muster_core::{Result, Timestamp};

use crate::db::{Row, SqlBuf, Tx};
use crate::{params, sql};

/// Rows of one statement.
const AT_ONCE: usize = 200;

/// A list, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Who started it, from where and how.
    pub agent: AgentId,
    pub ip: Option<String>,
    pub credential: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// A row of a list, by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    pub number: i64,
    /// As whoever works it off reads them; `None` once it was.
    pub cells: Option<String>,
    /// What came of it; `None` before it was worked off.
    pub told: Option<String>,
}

/// Begins a list in place of one that has ended. False if one of this kind hasn't.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn begin(tx: &mut Tx, kind: &str, import: &Import, rows: &[(i64, String)]) -> Result<bool> {
    let upsert = sql!(
        "INSERT INTO imports (kind, agent_id, ip, credential, started_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind) DO UPDATE SET agent_id = excluded.agent_id, ip = excluded.ip,
           credential = excluded.credential, started_at = excluded.started_at, ended_at = NULL
         WHERE imports.ended_at IS NOT NULL"
    );
    let Import { agent, ip, credential, started_at, ended_at: _ } = import;
    let params = params![kind, *agent, ip.as_deref(), credential.as_deref(), *started_at];
    if tx.execute(upsert, &params).await? == 0 {
        return Ok(false);
    }
    tx.execute(sql!("DELETE FROM import_rows WHERE kind = $1"), &params![kind]).await?;
    for some in rows.chunks(AT_ONCE) {
        let mut insert = SqlBuf::new("INSERT INTO import_rows (kind, number, cells) VALUES ");
        for (at, (number, cells)) in some.iter().enumerate() {
            insert.push(if at == 0 { "(" } else { ", (" });
            insert.bind(kind).push(", ").bind(*number).push(", ").bind(cells.as_str()).push(")");
        }
        tx.execute_buf(&insert).await?;
    }
    Ok(true)
}

/// The last list of a kind.
///
/// # Errors
/// As [`Tx::query`].
pub async fn find(tx: &mut Tx, kind: &str) -> Result<Option<Import>> {
    let row = tx.query_opt(sql!("SELECT * FROM imports WHERE kind = $1"), &params![kind]).await?;
    let import = |row: Row| {
        Ok(Import {
            agent: row.get("agent_id")?,
            ip: row.get("ip")?,
            credential: row.get("credential")?,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
        })
    };
    row.map(import).transpose()
}

/// Its rows, in order.
///
/// # Errors
/// As [`Tx::query`].
pub async fn rows(tx: &mut Tx, kind: &str) -> Result<Vec<ImportRow>> {
    let select = sql!("SELECT number, cells, told FROM import_rows WHERE kind = $1 ORDER BY number");
    tx.query(select, &params![kind]).await?.iter().map(row).collect()
}

/// Its first row that wasn't worked off.
///
/// # Errors
/// As [`Tx::query`].
pub async fn next_row(tx: &mut Tx, kind: &str) -> Result<Option<ImportRow>> {
    let select =
        sql!("SELECT number, cells, told FROM import_rows WHERE kind = $1 AND told IS NULL ORDER BY number LIMIT 1");
    tx.query_opt(select, &params![kind]).await?.as_ref().map(row).transpose()
}

/// Notes what came of a row. False if it was worked off before.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn tell(tx: &mut Tx, kind: &str, number: i64, told: &str) -> Result<bool> {
    let update =
        sql!("UPDATE import_rows SET cells = NULL, told = $3 WHERE kind = $1 AND number = $2 AND told IS NULL");
    Ok(tx.execute(update, &params![kind, number, told]).await? == 1)
}

/// Notes that all rows were worked off.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn end(tx: &mut Tx, kind: &str, now: Timestamp) -> Result<()> {
    let update = sql!("UPDATE imports SET ended_at = $2 WHERE kind = $1 AND ended_at IS NULL");
    tx.execute(update, &params![kind, now]).await.map(drop)
}

fn row(row: &Row) -> Result<ImportRow> {
    Ok(ImportRow { number: row.get("number")?, cells: row.get("cells")?, told: row.get("told")? })
}
