//! Tests of the domain from outside.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod routing;
