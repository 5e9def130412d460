//! Values to and from PostgreSQL's binary form. What doesn't fit a column is an error, never a cast.

use muster_core::Result;
use tokio_postgres::Column;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::error::describe;
use crate::db::Value;
use crate::db::error::{DbError, DbErrorKind};
use crate::db::row::Rows;
use crate::db::value::ValueRef;

type Sent = std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>>;

impl ToSql for Value {
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Sent {
        match (self, to) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Bool(value), &Type::BOOL) => value.to_sql(to, out),
            (Self::Int(value), &Type::INT8) => value.to_sql(to, out),
            (Self::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(to, out),
            (Self::Int(value), &Type::INT2) => i16::try_from(*value)?.to_sql(to, out),
            (Self::Float(value), &Type::FLOAT8) => value.to_sql(to, out),
            (Self::Text(value), &Type::TEXT | &Type::VARCHAR | &Type::NAME) => value.to_sql(to, out),
            (value, to) => Err(format!("{} does not fit a parameter of type {to}", name(value)).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The kind of a value; messages never show the value itself.
fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "a boolean",
        Value::Int(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Text(_) => "a text",
    }
}

/// The type a value is sent as where no statement was prepared.
pub(super) fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::UNKNOWN,
        Value::Bool(_) => Type::BOOL,
        Value::Int(_) => Type::INT8,
        Value::Float(_) => Type::FLOAT8,
        Value::Text(_) => Type::TEXT,
    }
}

/// Appends the cells of a row.
pub(super) fn push(rows: &mut Rows, row: &tokio_postgres::Row) -> Result<()> {
    for (index, column) in row.columns().iter().enumerate() {
        rows.push(cell(row, index, column)?);
    }
    Ok(())
}

/// The cells of a row.
pub(super) fn cells(row: &tokio_postgres::Row) -> Result<Vec<ValueRef<'_>>> {
    row.columns().iter().enumerate().map(|(index, column)| cell(row, index, column)).collect()
}

fn cell<'r>(row: &'r tokio_postgres::Row, index: usize, column: &Column) -> Result<ValueRef<'r>> {
    let cell = match *column.type_() {
        Type::BOOL => row.try_get(index).map(|value| optional(value, ValueRef::Bool)),
        Type::INT8 => row.try_get(index).map(|value| optional(value, ValueRef::Int)),
        Type::INT4 => row.try_get(index).map(|value: Option<i32>| optional(value.map(i64::from), ValueRef::Int)),
        Type::INT2 => row.try_get(index).map(|value: Option<i16>| optional(value.map(i64::from), ValueRef::Int)),
        Type::FLOAT8 => row.try_get(index).map(|value| optional(value, ValueRef::Float)),
        Type::FLOAT4 => row.try_get(index).map(|value: Option<f32>| optional(value.map(f64::from), ValueRef::Float)),
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => {
            row.try_get(index).map(|value| optional(value, ValueRef::Text))
        }
        Type::VOID => Ok(ValueRef::Null),
        ref other => return Err(unreadable(column, &format!("type {other} is not read"))),
    };
    cell.map_err(|error| unreadable(column, &describe(&error)))
}

fn optional<'r, T>(value: Option<T>, known: impl Fn(T) -> ValueRef<'r>) -> ValueRef<'r> {
    value.map_or(ValueRef::Null, known)
}

fn unreadable(column: &Column, why: &str) -> muster_core::Error {
    DbError::error(DbErrorKind::Shape, format!("column {}: {why}", column.name()))
}
