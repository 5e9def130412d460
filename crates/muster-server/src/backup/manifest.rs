//! What stands in the body of a backup, line by line.
//!
//! First the manifest, then each stored file as a heading and its bytes, then each table as a heading and its rows, then
//! the counts. A heading is a line of JSON in braces, a row one in brackets.

use std::collections::BTreeMap;

use muster_core::Timestamp;
use muster_store::dump::Contents;
use serde::{Deserialize, Serialize};

/// A line that isn't a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Heading {
    Manifest(Manifest),
    /// Followed by as many bytes as it says, and a line end.
    File(StoredFile),
    /// Followed by its rows.
    Table(String),
    End(Counts),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of the program that wrote the backup.
    pub(super) program: String,
    /// The engine that it was read from.
    pub(super) engine: String,
    /// When it was begun, in milliseconds since 1970: everything acknowledged before is in it.
    pub(super) at: Timestamp,
    pub(super) contents: Contents,
}

/// A file of the data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredFile {
    /// Relative to the data directory, with slashes.
    pub(super) name: String,
    /// In bytes.
    pub(super) size: u64,
}

/// How much there was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) files: u64,
    /// By table.
    pub(super) rows: BTreeMap<String, u64>,
}

/// What an operator wants to know of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) at: Timestamp,
    pub(crate) program: String,
    pub(crate) schema: i64,
    /// The position of the last event in it.
    pub(crate) position: i64,
    pub(crate) tables: usize,
    pub(crate) rows: u64,
    pub(crate) files: u64,
    /// Of the backup file, in bytes.
    pub(crate) size: u64,
    pub(crate) is_encrypted: bool,
}
