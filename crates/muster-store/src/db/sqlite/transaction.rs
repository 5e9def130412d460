//! Statements on one connection, and the commands around them.

use muster_core::{Busy, Error, Result};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef as SqliteValue};
use rusqlite::{Connection, Statement, params_from_iter};

use super::deadline::Deadline;
use super::error::translate;
use crate::db::error::{DbError, DbErrorKind};
use crate::db::row::{Row, Rows};
use crate::db::tx::{BUILT, EachRow};
use crate::db::value::{Value, ValueRef};

/// A connection whose transactions are begun and ended by its thread.
#[derive(Debug)]
pub(in crate::db) struct SqliteTx {
    connection: Connection,
    deadline: Option<Deadline>,
}

impl SqliteTx {
    pub(super) fn new(connection: Connection, deadline: Option<Deadline>) -> Self {
        Self { connection, deadline }
    }

    pub(in crate::db) fn execute(&mut self, text: &str, params: &[Value]) -> Result<u64> {
        self.check_time()?;
        let changed = self.connection.prepare_cached(text).and_then(|mut s| s.execute(params_from_iter(params)));
        changed.map(|count| count as u64).map_err(|error| translate(&error))
    }

    pub(in crate::db) fn query(&mut self, text: &str, name: &'static str, params: &[Value]) -> Result<Vec<Row>> {
        self.check_time()?;
        let mut statement = self.connection.prepare_cached(text).map_err(|error| translate(&error))?;
        collect(&mut statement, name, params)
    }

    pub(in crate::db) fn each_row(&mut self, text: &str, params: &[Value], each: EachRow<'_>) -> Result<()> {
        let mut statement = self.connection.prepare(text).map_err(|error| translate(&error))?;
        let width = statement.column_count();
        let mut cursor = statement.query(params_from_iter(params)).map_err(|error| translate(&error))?;
        while let Some(row) = cursor.next().map_err(|error| translate(&error))? {
            let cells: Result<Vec<_>> =
                (0..width).map(|column| cell(row.get_ref(column).map_err(|error| translate(&error))?, BUILT)).collect();
            each(&cells?)?;
        }
        Ok(())
    }

    pub(in crate::db) fn script(&mut self, text: &str) -> Result<()> {
        self.connection.execute_batch(text).map_err(|error| translate(&error))
    }

    pub(in crate::db) fn prepare(&mut self, text: &str) -> Result<()> {
        self.connection.prepare(text).map(drop).map_err(|error| translate(&error))
    }

    /// Runs one of the commands around statements: `BEGIN`, `SAVEPOINT` and so on.
    pub(super) fn command(&self, text: &'static str) -> Result<()> {
        let done = self.connection.prepare_cached(text).and_then(|mut statement| statement.execute([]));
        done.map(drop).map_err(|error| translate(&error))
    }

    /// Whether a transaction is open. SQLite may have ended one by itself.
    pub(super) fn is_open(&self) -> bool {
        !self.connection.is_autocommit()
    }

    pub(super) fn changes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// A job of many short statements never meets SQLite's own check.
    fn check_time(&self) -> Result<()> {
        if self.deadline.as_ref().is_some_and(Deadline::is_past) {
            return Err(Error::Busy(Busy::TooSlow));
        }
        Ok(())
    }
}

fn collect(statement: &mut Statement<'_>, name: &'static str, params: &[Value]) -> Result<Vec<Row>> {
    let width = statement.column_count();
    let mut rows = None;
    let mut cursor = statement.query(params_from_iter(params)).map_err(|error| translate(&error))?;
    while let Some(row) = cursor.next().map_err(|error| translate(&error))? {
        let rows = rows.get_or_insert_with(|| Rows::new(name, row.as_ref().column_names()));
        for column in 0..width {
            rows.push(cell(row.get_ref(column).map_err(|error| translate(&error))?, name)?);
        }
    }
    Ok(rows.map(Rows::finish).unwrap_or_default())
}

fn cell<'r>(value: SqliteValue<'r>, name: &str) -> Result<ValueRef<'r>> {
    Ok(match value {
        SqliteValue::Null => ValueRef::Null,
        SqliteValue::Integer(value) => ValueRef::Int(value),
        SqliteValue::Real(value) => ValueRef::Float(value),
        SqliteValue::Text(bytes) => ValueRef::Text(std::str::from_utf8(bytes).map_err(Error::internal)?),
        SqliteValue::Blob(_) => return Err(DbError::error(DbErrorKind::Shape, format!("a blob in: {name}"))),
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => SqliteValue::Null,
            Self::Bool(value) => SqliteValue::Integer(i64::from(*value)),
            Self::Int(value) => SqliteValue::Integer(*value),
            Self::Float(value) => SqliteValue::Real(*value),
            Self::Text(value) => SqliteValue::Text(value.as_bytes()),
        }))
    }
}
