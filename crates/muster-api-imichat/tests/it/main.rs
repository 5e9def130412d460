//! The dialect over real HTTP against a whole desk: statuses, the headers that matter, and exact bodies.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod authority;
mod authorize;
mod conformance;
mod create;
mod entry;
mod limits;
mod malformed;
mod openapi;
mod permissions;
mod search;
mod seeds;
mod support;
mod teams;
mod update;
mod whole;
