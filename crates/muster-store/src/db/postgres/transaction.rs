//! How a transaction begins and ends, and what runs between.
//!
//! `BEGIN` travels together with the first statement where that is harmless, and nobody waits for the end of a read.

use std::pin::pin;

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::future::join;
use futures_util::{FutureExt as _, TryStreamExt as _};
use muster_core::{Error, Result};
use tokio_postgres::{RowStream, Statement};

use super::error::{describe, is_conflict, is_connection_lost, translate};
use super::value;
use crate::db::Value;
use crate::db::error::{DbError, DbErrorKind, is_lost_race};
use crate::db::row::{Row, Rows};
use crate::db::tx::{BUILT, EachRow};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Write,
    Read,
}

impl Kind {
    const fn begin(self) -> &'static str {
        match self {
            Self::Write => "BEGIN",
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
}

/// How a write ended.
pub(super) enum Outcome<T> {
    Committed(T),
    /// Nothing was committed, and another try may succeed.
    Retry(Error),
    Failed(Error),
}

/// A connection on loan from its pool. Dropped with its transaction open, it is closed and not given back.
#[derive(Debug)]
pub(in crate::db) struct PgTx {
    /// `None` only while this is dropped.
    client: Option<Object>,
    kind: Kind,
    is_open: bool,
    /// A statement failed in a way that running the job again may cure.
    may_retry: bool,
}

impl PgTx {
    pub(super) fn new(client: Object, kind: Kind) -> Self {
        Self { client: Some(client), kind, is_open: false, may_retry: false }
    }

    pub(in crate::db) async fn execute(&mut self, text: &'static str, params: &[Value]) -> Result<u64> {
        self.run(text, params).await.map(|fetched| fetched.changed)
    }

    pub(in crate::db) async fn query(&mut self, text: &'static str, params: &[Value]) -> Result<Vec<Row>> {
        self.run(text, params).await?.into_rows(text)
    }

    pub(in crate::db) async fn execute_unprepared(&mut self, text: &str, params: &[Value]) -> Result<u64> {
        self.run_unprepared(text, params).await.map(|fetched| fetched.changed)
    }

    pub(in crate::db) async fn query_unprepared(&mut self, text: &str, params: &[Value]) -> Result<Vec<Row>> {
        self.run_unprepared(text, params).await?.into_rows(BUILT)
    }

    pub(in crate::db) async fn each_row(&mut self, text: &str, params: &[Value], each: EachRow<'_>) -> Result<()> {
        self.begin().await?;
        let typed = params.iter().map(|value| (value, value::type_of(value)));
        let stream = self.client().query_typed_raw(text, typed).await;
        let mut stream = pin!(stream.map_err(|error| self.failure(&error, text))?);
        while let Some(row) = stream.try_next().await.map_err(|error| self.failure(&error, text))? {
            each(&value::cells(&row)?)?;
        }
        Ok(())
    }

    pub(in crate::db) async fn script(&mut self, text: &str) -> Result<()> {
        self.begin().await?;
        let done = self.client().batch_execute(text).await;
        done.map_err(|error| self.failure(&error, "a script"))
    }

    pub(in crate::db) async fn prepare(&mut self, text: &str) -> Result<()> {
        let prepared = self.client().prepare(text).await;
        prepared.map(drop).map_err(|error| self.failure(&error, text))
    }

    async fn run(&mut self, text: &'static str, params: &[Value]) -> Result<Fetched> {
        let prepared = self.client().prepare_cached(text).await;
        let statement = prepared.map_err(|error| self.failure(&error, text))?;
        if statement.params().len() != params.len() {
            let (wanted, given) = (statement.params().len(), params.len());
            return Err(DbError::error(
                DbErrorKind::Shape,
                format!("{given} values for {wanted} parameters of: {text}"),
            ));
        }
        let fetched = if self.may_begin_along(text) {
            let client = self.client.as_ref().expect(PRESENT);
            self.is_open = true;
            let (begun, fetched) =
                join(client.batch_execute(self.kind.begin()), fetch(client, &statement, params)).await;
            begun.and(fetched)
        } else {
            self.begin().await?;
            fetch(self.client(), &statement, params).await
        };
        fetched.map_err(|error| self.failure(&error, text))
    }

    async fn run_unprepared(&mut self, text: &str, params: &[Value]) -> Result<Fetched> {
        self.begin().await?;
        let typed = params.iter().map(|value| (value, value::type_of(value)));
        let fetched = match self.client().query_typed_raw(text, typed).await {
            Ok(stream) => drain(stream).await,
            Err(error) => Err(error),
        };
        fetched.map_err(|error| self.failure(&error, text))
    }

    /// Whether `BEGIN` may travel together with its first statement. Should `BEGIN` fail, the statement takes effect by
    /// itself, so it must not change anything.
    fn may_begin_along(&self, text: &str) -> bool {
        !self.is_open && (self.kind == Kind::Read || text.starts_with("SELECT"))
    }

    async fn begin(&mut self) -> Result<()> {
        if !self.is_open {
            self.is_open = true;
            let begun = self.client().batch_execute(self.kind.begin()).await;
            begun.map_err(|error| self.failure(&error, self.kind.begin()))?;
        }
        Ok(())
    }

    pub(super) async fn commit<T>(&mut self, value: T, notify: Option<&str>) -> Outcome<T> {
        if !self.is_open {
            return Outcome::Committed(value);
        }
        if let Some(channel) = notify {
            let notified = self.client().batch_execute(&format!("SELECT pg_notify('{channel}', '')")).await;
            if let Err(error) = notified {
                let error = self.failure(&error, "NOTIFY");
                return self.rollback(error).await;
            }
        }
        match self.client().batch_execute("COMMIT").await {
            Ok(()) => {
                self.is_open = false;
                Outcome::Committed(value)
            }
            Err(error) if is_conflict(&error) => Outcome::Retry(translate(&error, "COMMIT")),
            Err(error) if error.code().is_some() && !is_connection_lost(&error) => {
                Outcome::Failed(translate(&error, "COMMIT"))
            }
            Err(error) => Outcome::Failed(uncertain(&error)),
        }
    }

    pub(super) async fn rollback<T>(&mut self, error: Error) -> Outcome<T> {
        if self.is_open {
            self.is_open = self.client().batch_execute("ROLLBACK").await.is_err();
        }
        let may_retry = self.may_retry || is_lost_race(&error);
        if may_retry { Outcome::Retry(error) } else { Outcome::Failed(error) }
    }

    /// Sends the end of a transaction that changed nothing. Whoever gets the connection next queues up behind it.
    pub(super) fn finish_read(&mut self) {
        if self.is_open {
            let was_sent = self.client().batch_execute("COMMIT").now_or_never().is_none();
            self.is_open = !was_sent;
        }
    }

    fn client(&self) -> &ClientWrapper {
        self.client.as_ref().expect(PRESENT)
    }

    fn failure(&mut self, error: &tokio_postgres::Error, text: &str) -> Error {
        self.may_retry |= is_conflict(error) || is_connection_lost(error);
        translate(error, text)
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if self.is_open
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

const PRESENT: &str = "the connection is kept until the transaction is dropped";

/// There was no answer to a `COMMIT`: it must not be tried again.
fn uncertain(error: &tokio_postgres::Error) -> Error {
    DbError::error(DbErrorKind::Unknown, format!("COMMIT: {}", describe(error)))
}

/// What a statement brought.
struct Fetched {
    rows: Vec<tokio_postgres::Row>,
    changed: u64,
}

impl Fetched {
    fn into_rows(self, name: &'static str) -> Result<Vec<Row>> {
        let Some(first) = self.rows.first() else { return Ok(Vec::new()) };
        let mut rows = Rows::new(name, first.columns().iter().map(tokio_postgres::Column::name));
        for row in &self.rows {
            value::push(&mut rows, row)?;
        }
        Ok(rows.finish())
    }
}

async fn fetch(
    client: &tokio_postgres::Client,
    statement: &Statement,
    params: &[Value],
) -> Result<Fetched, tokio_postgres::Error> {
    drain(client.query_raw(statement, params).await?).await
}

async fn drain(stream: RowStream) -> Result<Fetched, tokio_postgres::Error> {
    let mut stream = pin!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        rows.push(row);
    }
    Ok(Fetched { rows, changed: stream.rows_affected().unwrap_or(0) })
}
