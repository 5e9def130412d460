//! Rows read from either engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use muster_core::{Error, Result};
use serde::de::DeserializeOwned;

use super::error::{DbError, DbErrorKind};
use super::value::{FromValue, ValueRef};

/// One row of a result. Cheap to clone; all rows of a result share its memory.
#[derive(Debug, Clone)]
pub struct Row {
    set: Arc<ResultSet>,
    number: usize,
}

impl Row {
    /// The value of a column.
    ///
    /// # Errors
    /// [`Error::Internal`] naming the column, when there is none of that name or what is stored can't be a `T`.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T> {
        T::from_value(self.value(column)?).ok_or_else(|| self.impossible(column))
    }

    /// The text of a column, borrowed.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn get_str(&self, column: &str) -> Result<&str> {
        match self.value(column)? {
            ValueRef::Text(text) => Ok(text),
            _ => Err(self.impossible(column)),
        }
    }

    /// The text of a column through a function that knows its words.
    ///
    /// # Errors
    /// As [`Row::get`]; also when `parse` doesn't know the word.
    pub fn get_word<T>(&self, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        parse(self.get_str(column)?).ok_or_else(|| self.impossible(column))
    }

    /// The JSON in a text column.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn get_json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(self.get_str(column)?).map_err(|_| self.impossible(column))
    }

    fn value(&self, column: &str) -> Result<ValueRef<'_>> {
        let index = self.set.index(column).ok_or_else(|| {
            DbError::error(DbErrorKind::Shape, format!("no column {column} in: {}", self.set.statement))
        })?;
        Ok(self.set.value(self.number, index))
    }

    fn impossible(&self, column: &str) -> Error {
        DbError::error(DbErrorKind::Shape, format!("impossible value in column {column} of: {}", self.set.statement))
    }
}

/// All rows of a result in three allocations: cells row by row, and one text that holds column names and texts.
#[derive(Debug)]
struct ResultSet {
    statement: &'static str,
    columns: Vec<Span>,
    cells: Vec<Cell>,
    text: String,
    /// Where the next column is looked for first: callers read them in order.
    next: AtomicUsize,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Span),
}

impl ResultSet {
    fn index(&self, column: &str) -> Option<usize> {
        let first = self.next.load(Ordering::Relaxed).min(self.columns.len());
        let found =
            (first..self.columns.len()).chain(0..first).find(|index| self.str(self.columns[*index]) == column)?;
        self.next.store(found + 1, Ordering::Relaxed);
        Some(found)
    }

    fn value(&self, row: usize, column: usize) -> ValueRef<'_> {
        match self.cells[row * self.columns.len() + column] {
            Cell::Null => ValueRef::Null,
            Cell::Bool(value) => ValueRef::Bool(value),
            Cell::Int(value) => ValueRef::Int(value),
            Cell::Float(value) => ValueRef::Float(value),
            Cell::Text(span) => ValueRef::Text(self.str(span)),
        }
    }

    fn str(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }
}

/// Collects what a driver reads: first the columns, then cell after cell.
#[derive(Debug)]
pub(super) struct Rows(ResultSet);

impl Rows {
    /// `statement` is for messages: the text, or what kind of statement it was.
    pub(super) fn new<'c>(statement: &'static str, columns: impl Iterator<Item = &'c str>) -> Self {
        let mut rows = Self(ResultSet {
            statement,
            columns: Vec::new(),
            cells: Vec::new(),
            text: String::new(),
            next: AtomicUsize::new(0),
        });
        for column in columns {
            let span = rows.text(column);
            rows.0.columns.push(span);
        }
        rows
    }

    pub(super) fn push(&mut self, value: ValueRef<'_>) {
        let cell = match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Bool(value) => Cell::Bool(value),
            ValueRef::Int(value) => Cell::Int(value),
            ValueRef::Float(value) => Cell::Float(value),
            ValueRef::Text(text) => Cell::Text(self.text(text)),
        };
        self.0.cells.push(cell);
    }

    fn text(&mut self, text: &str) -> Span {
        let start = self.0.text.len();
        self.0.text.push_str(text);
        Span { start, end: self.0.text.len() }
    }

    pub(super) fn finish(self) -> Vec<Row> {
        let count = self.0.cells.len().checked_div(self.0.columns.len()).unwrap_or(0);
        let set = Arc::new(self.0);
        (0..count).map(|number| Row { set: Arc::clone(&set), number }).collect()
    }
}
