//! A row as a line of text: a JSON array of its cells.
//!
//! Whole numbers are JSON numbers, texts JSON strings, NULL is null. A float is `{"f":"<64 bits in hexadecimal>"}`,
//! since its decimal form would have to be read back exactly.

use muster_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::db::{Value, ValueRef};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Cell<'r> {
    Null(()),
    Int(i64),
    Text(std::borrow::Cow<'r, str>),
    Float { f: String },
}

/// Writes a row without a line end.
pub(super) fn write(cells: &[ValueRef<'_>], line: &mut Vec<u8>) -> Result<()> {
    let cells: Vec<Cell<'_>> = cells.iter().map(|value| cell(*value)).collect();
    serde_json::to_writer(line, &cells).map_err(Error::internal)
}

fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null(()),
        ValueRef::Bool(value) => Cell::Int(i64::from(value)),
        ValueRef::Int(value) => Cell::Int(value),
        ValueRef::Float(value) => Cell::Float { f: format!("{:016x}", value.to_bits()) },
        ValueRef::Text(text) => Cell::Text(text.into()),
    }
}

/// Reads a row. Booleans come back as 0 and 1.
pub(super) fn read(line: &[u8]) -> Result<Vec<Value>> {
    let cells: Vec<Cell<'_>> = serde_json::from_slice(line).map_err(Error::internal)?;
    cells.into_iter().map(value).collect()
}

fn value(cell: Cell<'_>) -> Result<Value> {
    Ok(match cell {
        Cell::Null(()) => Value::Null,
        Cell::Int(value) => Value::Int(value),
        Cell::Text(text) => Value::Text(text.into_owned()),
        Cell::Float { f } => Value::Float(f64::from_bits(u64::from_str_radix(&f, 16).map_err(Error::internal)?)),
    })
}

/// How many cells the row of a line has.
///
/// # Errors
/// [`Error::Internal`] if the line is no row.
pub fn count_cells(line: &[u8]) -> Result<usize> {
    read(line).map(|cells| cells.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::Int),
            prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-1), Just(0)].prop_map(Value::Int),
            any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
            any::<String>().prop_map(Value::Text),
            "[\\x00-\\x1f\"\\\\\u{7f}-\u{a0}\u{2028}\u{fffe}\u{1f468}\u{200d}]{0,8}".prop_map(Value::Text),
            Just(Value::Text("{\"f\":\"3ff0000000000000\"}".to_owned())),
        ]
    }

    fn borrowed(value: &Value) -> ValueRef<'_> {
        match value {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Bool(*value),
            Value::Int(value) => ValueRef::Int(*value),
            Value::Float(value) => ValueRef::Float(*value),
            Value::Text(text) => ValueRef::Text(text),
        }
    }

    /// NaNs are told apart by their bits.
    fn same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
            _ => one == other,
        }
    }

    proptest! {
        #[test]
        fn a_row_comes_back_as_it_was(values in prop::collection::vec(a_value(), 0..12)) {
            let mut line = Vec::new();
            write(&values.iter().map(borrowed).collect::<Vec<_>>(), &mut line).unwrap();
            prop_assert!(!line.contains(&b'\n'));
            let back = read(&line).unwrap();
            prop_assert_eq!(back.len(), values.len());
            prop_assert!(back.iter().zip(&values).all(|(back, value)| same(back, value)), "{:?} {:?}", back, values);
        }
    }

    #[test]
    fn booleans_are_0_and_1() {
        let mut line = Vec::new();
        write(&[ValueRef::Bool(true), ValueRef::Bool(false), ValueRef::Int(1)], &mut line).unwrap();
        assert_eq!(line, b"[1,0,1]");
    }

    #[test]
    fn what_is_no_row_is_refused() {
        for line in ["", "{}", "[true]", "[1.5]", "[18446744073709551615]", "[{\"f\":\"x\"}]", "[1", "[1] 2"] {
            assert!(read(line.as_bytes()).is_err(), "{line}");
        }
    }
}
