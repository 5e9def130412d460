//! From lines to a desk in an empty database.

use std::collections::BTreeMap;

use muster_core::{Result, Timestamp};

use super::catalogue::{Described, dumped};
use super::{Contents, EVENTS, POSITION, Table, catalogue, numbers, row};
use crate::db::{DbError, DbErrorKind, Engine, SqlBuf, Tx, Value};
use crate::migrate::{self, Migration};
use crate::{search, sql};

/// Where a dump's rows come from: a table, then its rows, then the next table.
pub trait Source: Send {
    /// The name of the next table; `None` at the end. Called when the rows of the table before are at their end.
    ///
    /// # Errors
    /// The source's own.
    fn next_table(&mut self) -> Result<Option<String>>;

    /// The next row of the table; `None` behind the last.
    ///
    /// # Errors
    /// The source's own.
    fn next_row(&mut self) -> Result<Option<Vec<u8>>>;
}

/// Cells of one statement: well below what either engine takes.
const CELLS: usize = 2000;
/// Rows of one statement.
const ROWS: usize = 256;

/// Whether the database has no table at all.
///
/// # Errors
/// As [`Tx::query`].
pub async fn is_empty(tx: &mut Tx) -> Result<bool> {
    let select = sql!(
        sqlite: "SELECT COUNT(*) = 0 AS is_empty FROM sqlite_schema",
        postgres: "SELECT NOT EXISTS (
                SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace = current_schema()::regnamespace
            ) AS is_empty",
    );
    tx.query_one(select, &[]).await?.get("is_empty")
}

/// Makes the desk that `contents` and `source` hold, and brings it up to the last of `migrations`.
///
/// The schema is made as it was when the dump was written, filled, checked for references into nothing, and then
/// migrated.
///
/// # Errors
/// [`muster_core::Error::Internal`] with a message for the operator: the dump's tables are not those of its schema, or
/// its rows don't fit; those of `source` and of the statements.
pub async fn load(
    tx: &mut Tx,
    contents: &Contents,
    source: &mut dyn Source,
    migrations: &'static [Migration],
    now: Timestamp,
) -> Result<()> {
    let (then, since): (Vec<_>, Vec<_>) = migrations.iter().partition(|migration| migration.number <= contents.schema);
    for migration in then {
        migrate::apply(tx, migration, now).await?;
    }
    let tables = catalogue::read(tx).await?;
    check(contents, &tables)?;
    let references = loosen(tx).await?;
    empty(tx, &tables).await?;
    while let Some(name) = source.next_table()? {
        let table = contents.tables.iter().find(|table| table.name == name);
        let (Some(table), Some(described)) = (table, tables.get(&name)) else {
            return Err(unfit(format!("the backup has rows of a table {name} that it doesn't describe")));
        };
        fill(tx, table, described, source).await?;
    }
    numbers::set(tx, &contents.numbers, &tables).await?;
    fasten(tx, references).await?;
    if contents.schema >= search::SINCE {
        search::rebuild(tx).await?;
    }
    for migration in since {
        migrate::apply(tx, migration, now).await?;
    }
    Ok(())
}

/// Makes sure that the schema which was just made is the one that was dumped.
fn check(contents: &Contents, tables: &BTreeMap<String, Described>) -> Result<()> {
    let here: Vec<Table> = tables.iter().map(|(name, described)| dumped(name, described)).collect();
    let odd = contents.tables.iter().find(|table| !here.contains(table));
    let odd = odd.or_else(|| here.iter().find(|table| !contents.tables.contains(table)));
    match odd {
        None => Ok(()),
        Some(table) => Err(unfit(format!(
            "the backup was written by a program that has table {} in another form than this one, though both call \
             their schema version {}",
            table.name, contents.schema
        ))),
    }
}

/// Lets rows come before those that they refer to. Answers with the script that ends it, on PostgreSQL.
async fn loosen(tx: &mut Tx) -> Result<String> {
    if tx.engine() == Engine::Sqlite {
        tx.script("PRAGMA defer_foreign_keys = ON").await?;
        return Ok(String::new());
    }
    let select = sql!(postgres: "
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname) AS loosen,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s;', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS fasten
        FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
        ORDER BY conrelid, conname
    ");
    let (mut loosen, mut fasten) = (String::new(), String::new());
    for row in tx.query(select, &[]).await? {
        loosen.push_str(row.get_str("loosen")?);
        fasten.push_str(row.get_str("fasten")?);
    }
    tx.script(&loosen).await?;
    Ok(fasten)
}

/// Makes sure that what rows refer to is there.
async fn fasten(tx: &mut Tx, references: String) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        return tx.script(&references).await;
    }
    let select = sql!(sqlite: "SELECT \"table\" AS name, \"parent\" AS other FROM pragma_foreign_key_check LIMIT 1");
    match tx.query_opt(select, &[]).await? {
        None => Ok(()),
        Some(row) => {
            let (name, other) = (row.get_str("name")?, row.get_str("other")?);
            Err(unfit(format!("the backup's table {name} refers to rows of {other} that aren't in it")))
        }
    }
}

/// Removes what the migrations have put in.
async fn empty(tx: &mut Tx, tables: &BTreeMap<String, Described>) -> Result<()> {
    for name in tables.keys() {
        let mut delete = SqlBuf::new("DELETE FROM ");
        tx.execute_buf(delete.name(name)).await?;
    }
    Ok(())
}

async fn fill(tx: &mut Tx, table: &Table, described: &Described, source: &mut dyn Source) -> Result<()> {
    let columns = Columns::of(table, described, tx.engine());
    let most = (CELLS / columns.names.len().max(1)).clamp(1, ROWS);
    let mut rows = Vec::with_capacity(most);
    while let Some(line) = source.next_row()? {
        rows.push(columns.values(&line, table)?);
        if rows.len() == most {
            insert(tx, table, &columns, rows.drain(..)).await?;
        }
    }
    if !rows.is_empty() {
        insert(tx, table, &columns, rows.drain(..)).await?;
    }
    Ok(())
}

/// Where the cells of a dumped row go.
struct Columns {
    names: Vec<String>,
    /// For each cell: a boolean column of PostgreSQL.
    booleans: Vec<bool>,
    /// The first cell, a position, is written twice.
    is_position_twice: bool,
}

impl Columns {
    fn of(table: &Table, described: &Described, engine: Engine) -> Self {
        let is_boolean =
            |name: &String| described.columns.iter().any(|column| column.name == *name && column.is_boolean);
        let booleans = table.columns.iter().map(is_boolean).collect();
        let is_position_twice = table.name == EVENTS && engine == Engine::Postgres;
        let name =
            |name: &String| if table.name == EVENTS && name == POSITION { "id".to_owned() } else { name.clone() };
        let mut names: Vec<String> = table.columns.iter().map(name).collect();
        if is_position_twice {
            names.push("pos".to_owned());
        }
        Self { names, booleans, is_position_twice }
    }

    fn values(&self, line: &[u8], table: &Table) -> Result<Vec<Value>> {
        let cells = row::read(line)?;
        if cells.len() != self.booleans.len() {
            return Err(unfit(format!("the backup has a row of {} cells in table {}", cells.len(), table.name)));
        }
        let mut values: Vec<Value> = cells
            .into_iter()
            .zip(&self.booleans)
            .map(|(value, is_boolean)| match value {
                Value::Int(value @ (0 | 1)) if *is_boolean => Value::Bool(value == 1),
                value => value,
            })
            .collect();
        if self.is_position_twice {
            values.push(values[0].clone());
        }
        Ok(values)
    }
}

async fn insert(tx: &mut Tx, table: &Table, columns: &Columns, rows: impl Iterator<Item = Vec<Value>>) -> Result<()> {
    let mut insert = SqlBuf::new("INSERT INTO ");
    insert.name(&table.name).push(" (");
    for (at, name) in columns.names.iter().enumerate() {
        insert.push(if at == 0 { "" } else { ", " }).name(name);
    }
    insert.push(") VALUES ");
    for (place, row) in rows.enumerate() {
        insert.push(if place == 0 { "(" } else { ", (" });
        for (at, value) in row.into_iter().enumerate() {
            insert.push(if at == 0 { "" } else { ", " }).bind(value);
        }
        insert.push(")");
    }
    tx.execute_buf(&insert).await.map(drop)
}

fn unfit(why: String) -> muster_core::Error {
    DbError::error(DbErrorKind::Shape, why)
}
