//! The dialect over real HTTP against a whole desk: statuses, the headers that matter, and exact bodies.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod support;

mod agents;
mod desk;
mod limits;
mod matrix;
mod openapi;
mod reports;
mod seeds;
mod skills;
mod state;
mod tokens;
mod vectors;
