//! The endpoints, one file per resource.

pub(crate) mod account;
pub(crate) mod agent_access;
pub(crate) mod agents;
pub(crate) mod auth;
pub(crate) mod contacts;
pub(crate) mod conversations;
pub(crate) mod csat;
pub(crate) mod csat_page;
pub(crate) mod custom_attributes;
pub(crate) mod health;
pub(crate) mod inboxes;
pub(crate) mod integrations;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod roles;
pub(crate) mod search;
pub(crate) mod setup;
pub(crate) mod skills;
pub(crate) mod statuses;
pub(crate) mod teams;
pub(crate) mod views;
pub(crate) mod widget;
