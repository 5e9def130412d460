//! Agents: who works on the desk, and everything that can be changed about them.
//!
//! [`create`](crate::App::create_agent) and [`update`](crate::App::update_agent) share the steps of `parts`; what may be changed by
//! whom is `guard`. `service` and `supervisors` are the changes that people may make who don't administer others.

mod avatar;
mod create;
mod delete;
mod edit;
pub(crate) mod fields;
pub(crate) mod guard;
mod input;
mod lookups;
pub(crate) mod memberships;
mod modes;
mod names;
mod parts;
mod passwords;
mod queries;
mod service;
mod supervisors;
mod update;

pub(crate) use create::{insert, prepare};
pub(crate) use guard::{check_served, check_teams_served};
pub use input::{AgentExtension, AgentPatch, MembershipPatch, NewAgent};
pub(crate) use parts::{Effect, record_roles};
pub(crate) use passwords::Hashes;
pub use passwords::ProductPassword;
pub use service::ServicePatch;
