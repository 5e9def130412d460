//! The seam itself, with tables of its own.

mod desk;
mod doors;
