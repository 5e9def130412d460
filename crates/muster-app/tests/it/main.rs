//! Use cases and background work on a whole desk without HTTP, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod conversations;
mod imports;
mod media;
mod people;
mod privacy;
mod runtime;
