//! One desk under four dialects: what is written through one is read through all.

mod agent;
mod fields;
mod walk;
