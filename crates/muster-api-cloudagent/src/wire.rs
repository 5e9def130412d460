//! The shapes on the wire, without logic beyond translation.

pub(crate) mod agent;
pub(crate) mod agent_request;
pub(crate) mod call_controls;
pub(crate) mod details;
pub(crate) mod groups;
pub(crate) mod requests;
pub(crate) mod sent;
pub(crate) mod skill_request;
pub(crate) mod skills;
