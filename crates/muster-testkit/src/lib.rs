//! Test desk, builders, a clock that stands still, and starters for the real servers that tests need.

pub mod effort;
mod environment;
pub mod postgres;
