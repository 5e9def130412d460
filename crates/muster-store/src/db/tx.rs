//! A transaction as a job sees it.

use muster_core::{Error, Result};

use super::error::{DbError, DbErrorKind};
use super::postgres::PgTx;
use super::row::Row;
use super::sql::{Sql, SqlBuf};
use super::sqlite::SqliteTx;
use super::value::ValueRef;
use super::{Engine, Value};

/// An open transaction. Jobs get it from [`Store::write`](crate::Store::write), [`Store::read`](crate::Store::read) and
/// [`Store::scan`](crate::Store::scan); beginning and ending it is the store's business.
///
/// After a statement failed, the transaction is lost on both engines: every further statement fails, and the job's
/// outcome is an error even if it returns `Ok`. Use `ON CONFLICT` where a conflict is expected.
#[derive(Debug)]
pub struct Tx {
    driver: Driver,
    failed: bool,
    quiet: bool,
}

#[derive(Debug)]
pub(super) enum Driver {
    Sqlite(SqliteTx),
    Postgres(PgTx),
}

impl Tx {
    pub(super) fn new(driver: Driver) -> Self {
        Self { driver, failed: false, quiet: false }
    }

    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.driver {
            Driver::Sqlite(_) => Engine::Sqlite,
            Driver::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement that returns no rows and tells how many it changed.
    ///
    /// # Errors
    /// [`Error::Busy`] if the store can't serve; else [`Error::Internal`] with a [`DbError`].
    pub async fn execute(&mut self, sql: Sql, params: &[Value]) -> Result<u64> {
        self.check()?;
        let text = self.text(sql)?;
        let outcome = match &mut self.driver {
            Driver::Sqlite(tx) => tx.execute(text, params),
            Driver::Postgres(tx) => tx.execute(text, params).await,
        };
        self.note(outcome)
    }

    /// Runs a statement and collects its rows.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn query(&mut self, sql: Sql, params: &[Value]) -> Result<Vec<Row>> {
        self.check()?;
        let text = self.text(sql)?;
        let outcome = match &mut self.driver {
            Driver::Sqlite(tx) => tx.query(text, text, params),
            Driver::Postgres(tx) => tx.query(text, params).await,
        };
        self.note(outcome)
    }

    /// Runs a statement that returns at most one row.
    ///
    /// # Errors
    /// As [`Tx::execute`]; also when there is more than one row.
    pub async fn query_opt(&mut self, sql: Sql, params: &[Value]) -> Result<Option<Row>> {
        let mut rows = self.query(sql, params).await?;
        if rows.len() > 1 {
            return Err(self.unexpected(sql, rows.len()));
        }
        Ok(rows.pop())
    }

    /// Runs a statement that returns one row.
    ///
    /// # Errors
    /// As [`Tx::execute`]; also when there is no row or more than one.
    pub async fn query_one(&mut self, sql: Sql, params: &[Value]) -> Result<Row> {
        match self.query_opt(sql, params).await? {
            Some(row) => Ok(row),
            None => Err(self.unexpected(sql, 0)),
        }
    }

    /// [`Tx::execute`] for a statement put together at run time.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn execute_buf(&mut self, sql: &SqlBuf) -> Result<u64> {
        self.check()?;
        let text = sql.text(self.engine());
        let outcome = match &mut self.driver {
            Driver::Sqlite(tx) => tx.execute(&text, sql.params()),
            Driver::Postgres(tx) => tx.execute_unprepared(&text, sql.params()).await,
        };
        self.note(outcome)
    }

    /// [`Tx::query`] for a statement put together at run time.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn query_buf(&mut self, sql: &SqlBuf) -> Result<Vec<Row>> {
        self.check()?;
        let text = sql.text(self.engine());
        let outcome = match &mut self.driver {
            Driver::Sqlite(tx) => tx.query(&text, BUILT, sql.params()),
            Driver::Postgres(tx) => tx.query_unprepared(&text, sql.params()).await,
        };
        self.note(outcome)
    }

    /// Hands the rows of a statement to `each` as they come, without collecting them.
    ///
    /// # Errors
    /// As [`Tx::execute`]; that of `each`, which ends the reading.
    pub(crate) async fn each_row(&mut self, sql: &SqlBuf, each: EachRow<'_>) -> Result<()> {
        self.check()?;
        let text = sql.text(self.engine());
        let outcome = match &mut self.driver {
            Driver::Sqlite(tx) => tx.each_row(&text, sql.params(), each),
            Driver::Postgres(tx) => tx.each_row(&text, sql.params(), each).await,
        };
        self.note(outcome)
    }

    /// Runs a script of several statements without parameters.
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        self.check()?;
        let outcome = match &mut self.driver {
            Driver::Sqlite(tx) => tx.script(text),
            Driver::Postgres(tx) => tx.script(text).await,
        };
        self.note(outcome)
    }

    /// Makes sure that a statement is one the engine understands, without running it.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn prepare(&mut self, sql: Sql) -> Result<()> {
        self.check()?;
        let text = self.text(sql)?;
        let outcome = match &mut self.driver {
            Driver::Sqlite(tx) => tx.prepare(text),
            Driver::Postgres(tx) => tx.prepare(text).await,
        };
        self.note(outcome)
    }

    /// Lets this job's commit wake nobody: it appends no events and no work.
    pub fn keep_quiet(&mut self) {
        self.quiet = true;
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    pub(super) fn driver(&mut self) -> &mut Driver {
        &mut self.driver
    }

    /// Forgets what the job before has left, on a connection that serves one after the other.
    pub(super) fn start_job(&mut self) {
        self.failed = false;
        self.quiet = false;
    }

    /// The job's outcome, unless it hides that a statement failed.
    pub(super) fn settle<T>(&self, outcome: Result<T>) -> Result<T> {
        if self.failed && outcome.is_ok() {
            return Err(DbError::error(DbErrorKind::Job, "the job went on after one of its statements had failed"));
        }
        outcome
    }

    fn text(&self, sql: Sql) -> Result<&'static str> {
        let engine = self.engine();
        let missing = || DbError::error(DbErrorKind::Shape, format!("a statement without a text for {engine:?}"));
        sql.text(engine).ok_or_else(missing)
    }

    fn check(&self) -> Result<()> {
        if self.failed {
            return Err(DbError::error(DbErrorKind::Job, "an earlier statement of this transaction failed"));
        }
        Ok(())
    }

    fn note<T>(&mut self, outcome: Result<T>) -> Result<T> {
        self.failed |= outcome.is_err();
        outcome
    }

    fn unexpected(&self, sql: Sql, count: usize) -> Error {
        let text = sql.text(self.engine()).unwrap_or_default();
        DbError::error(DbErrorKind::Shape, format!("{count} rows where one was expected: {text}"))
    }
}

/// What is done with each row: its cells, in the order of the statement's columns.
pub(crate) type EachRow<'f> = &'f mut (dyn FnMut(&[ValueRef<'_>]) -> Result<()> + Send);

/// What messages call a statement that was put together at run time.
pub(super) const BUILT: &str = "a statement built at run time";
