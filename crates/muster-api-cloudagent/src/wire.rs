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

use utoipa::openapi::{ObjectBuilder, Type};

/// The schema of a key that is there and always null.
pub(crate) fn always_null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null)
}
