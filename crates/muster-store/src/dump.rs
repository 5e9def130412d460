//! A whole desk as lines of text, the same from either engine and into either engine.
//!
//! [`contents`] says what there is, [`write_rows`] writes a table's rows, one line each (`row` has their form), and
//! [`load`] makes a desk of them in an empty database. Tables and columns are read from the database's own schema, so
//! a new table is in the dump by being there. What the engines keep differently has one form here: booleans are 0 and
//! 1, an event has its `position` alone, and the numbers that were given out are in [`Numbers`].

mod catalogue;
mod load;
mod numbers;
mod read;
mod row;

use serde::{Deserialize, Serialize};

pub use load::{Source, is_empty, load};
pub use numbers::Numbers;
pub use read::{contents, write_rows};
pub use row::count_cells;

/// What a dump holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The number of the newest migration.
    pub schema: i64,
    pub numbers: Numbers,
    /// In the order in which they are dumped.
    pub tables: Vec<Table>,
}

/// A table of a dump and its columns, in the order of each row's cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
}

/// Holds the events, whose place in the order each engine keeps in its own way.
const EVENTS: &str = "events";
/// An event's place in the order, in a dump.
const POSITION: &str = "position";
