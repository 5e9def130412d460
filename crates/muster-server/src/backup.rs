//! Copies of a whole desk, and desks made from them.
//!
//! A backup is one file, the same from either database engine and for either: [`header`] says how it begins and ends,
//! [`manifest`] what stands in it, [`writer`] and [`reader`] are the two ways through it. [`take`] makes one of a
//! running desk, [`restore`] makes a desk of one, [`upgrade`] keeps one before the tables change,
//! [`schedule`] makes them again and again. How the rows look is the store's business (`muster_store::dump`).

pub(crate) mod cipher;
mod files;
mod header;
mod manifest;
mod reader;
pub(crate) mod restore;
pub(crate) mod schedule;
pub(crate) mod take;
pub(crate) mod upgrade;
mod writer;

use muster_core::Timestamp;

pub(crate) use cipher::Passphrase;
pub(crate) use manifest::Summary;
pub(crate) use reader::verify;

/// An instant as file names write it, such as `20260828T100000Z`.
fn stamp(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    at.strftime(STAMP).to_string()
}

const STAMP: &str = "%Y%m%dT%H%M%SZ";
