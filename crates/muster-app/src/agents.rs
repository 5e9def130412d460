//! Agents: who works on the desk, and everything that can be changed about them.
//!
//! [`create`](crate::App::create_agent) and [`update`](crate::App::update_agent) share the steps of `parts`; what may be changed by
//! whom is `guard`.

mod create;
mod delete;
mod fields;
mod guard;
mod input;
mod names;
mod parts;
mod queries;
mod update;

pub(crate) use create::{insert, prepare};
pub use input::{AgentExtension, AgentPatch, MembershipPatch, NewAgent};
