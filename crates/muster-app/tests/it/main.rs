//! Use cases and background work on a whole desk without HTTP, on both engines.

mod conversations;
mod people;
mod runtime;
