//! The endpoints, one file per resource.

pub(crate) mod agents;
pub(crate) mod department_agents;
pub(crate) mod department_changes;
pub(crate) mod departments;
pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod users;
