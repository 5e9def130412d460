//! A file of comma-separated values whose first row names the columns.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};
use serde::{Deserialize, Serialize};

/// Bytes of a file, and rows of one without the first.
pub const TABLE_MAX: u64 = 1024 * 1024;
pub const ROWS_MAX: usize = 2_000;
/// What a list may hold of an agent or a tag.
const COLUMNS: [&str; 6] = ["first_name", "last_name", "email", "roles", "teams", "name"];

/// Why a file is no such list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not UTF-8, not separated by commas, or with a NUL.
    #[error("the file is not a list of comma-separated values in UTF-8")]
    Unreadable,
    #[error("the file has no rows")]
    NoRows,
    #[error("the file has more than {ROWS_MAX} rows")]
    TooManyRows,
    #[error("there is no column {0}")]
    NoColumn(&'static str),
}

/// A row, by its columns' names in small letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cells {
    /// Of the file; the first row is 1.
    pub(super) number: i64,
    cells: BTreeMap<String, String>,
}

impl Cells {
    /// What stands in a column; empty where there is no such column.
    pub(super) fn get(&self, column: &str) -> &str {
        self.cells.get(column).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn about(&self, column: &str) -> &str {
        self.get(column)
    }

    /// The names in a cell that holds several, separated by commas.
    pub(super) fn names(&self, column: &str) -> Vec<String> {
        let names = self.get(column).split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }
}

/// The rows of a file that has these columns, at least. Rows without anything in them are left out.
pub(super) fn read(file: &[u8], required: &[&'static str]) -> Result<Vec<Cells>, Fault> {
    let text = std::str::from_utf8(file).map_err(|_| Fault::Unreadable)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.contains('\0') {
        return Err(Fault::Unreadable);
    }
    let reader = ReaderBuilder::new().flexible(true).trim(Trim::All).has_headers(false).from_reader(text.as_bytes());
    let mut records = reader.into_records();
    let first = records.next().ok_or(Fault::NoRows)?.map_err(|_| Fault::Unreadable)?;
    let columns: Vec<String> = first.iter().map(str::to_lowercase).collect();
    let mut rows = Vec::new();
    for (number, record) in (2..).zip(records) {
        let record = record.map_err(|_| Fault::Unreadable)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == ROWS_MAX {
            return Err(Fault::TooManyRows);
        }
        rows.push(Cells { number, cells: cells(&columns, &record) });
    }
    if rows.is_empty() {
        return Err(Fault::NoRows);
    }
    match required.iter().find(|column| !columns.iter().any(|name| name == *column)) {
        Some(missing) => Err(Fault::NoColumn(missing)),
        None => Ok(rows),
    }
}

/// A row, without the columns that nobody asks for.
fn cells(columns: &[String], record: &StringRecord) -> BTreeMap<String, String> {
    let known = columns.iter().zip(record).filter(|(name, _)| COLUMNS.contains(&name.as_str()));
    known.map(|(name, cell)| (name.clone(), cell.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_are_found_in_any_order_and_case() {
        let file = "\u{feff}Email , first_name,Roles\r\nkim@example.org,\"Kim, \"\"K\"\"\",\"Agent, Admin,\"\n\n,,\nlee@example.org\n";
        let rows = read(file.as_bytes(), &["email", "roles"]).unwrap();
        assert_eq!(rows.len(), 2);
        let kim = &rows[0];
        assert_eq!((kim.number, kim.get("email"), kim.get("first_name")), (2, "kim@example.org", "Kim, \"K\""));
        assert_eq!((kim.names("roles"), kim.get("other")), (vec!["Agent".to_owned(), "Admin".to_owned()], ""));
        assert_eq!((rows[1].get("email"), rows[1].get("first_name")), ("lee@example.org", ""));
    }

    #[test]
    fn what_is_no_list_is_told() {
        for (file, fault) in [
            (b"".as_slice(), Fault::NoRows),
            (b"email\n", Fault::NoRows),
            (b"email\n\n,\n", Fault::NoRows),
            (b"name\nkim\n", Fault::NoColumn("email")),
            (b"email\n\xff\n", Fault::Unreadable),
            (b"email\na\0b\n", Fault::Unreadable),
        ] {
            assert_eq!(read(file, &["email"]), Err(fault));
        }
        let many = "email\n".to_owned() + &"a\n".repeat(ROWS_MAX + 1);
        assert_eq!(read(many.as_bytes(), &["email"]), Err(Fault::TooManyRows));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(file in prop::collection::vec(any::<u8>(), 0..200)) {
            let _: Result<_, _> = read(&file, &["email"]);
        }
    }
}
