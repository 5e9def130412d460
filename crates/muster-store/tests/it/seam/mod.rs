//! The seam itself, with tables of its own.

mod desk;
mod doors;
mod errors;
mod postgres;
mod processes;
mod sequence;
mod sqlite;
mod values;
