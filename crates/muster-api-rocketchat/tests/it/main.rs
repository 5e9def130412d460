//! The dialect over real HTTP against a whole desk: statuses, the headers that matter, and exact bodies.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod support;

mod agents;
mod authority;
mod department_agents;
mod department_changes;
mod departments;
mod entry;
mod limits;
mod malformed;
mod openapi;
mod permissions;
mod second_factor;
mod seeds;
mod session;
mod status;
mod tokens;
mod users;
mod world;
