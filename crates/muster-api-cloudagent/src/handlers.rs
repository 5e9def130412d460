//! The endpoints, one file per page of the product's documentation or for pages about one thing.

pub(crate) mod agents;
pub(crate) mod desk;
pub(crate) mod reports;
pub(crate) mod skills;
pub(crate) mod state;
pub(crate) mod tokens;
