//! The shapes on the wire, without logic beyond translation.

pub(crate) mod account;
pub(crate) mod activity;
pub(crate) mod agent;
pub(crate) mod agent_request;
pub(crate) mod auth;
pub(crate) mod availability;
pub(crate) mod business_hours;
pub(crate) mod chat_config;
pub(crate) mod condition;
pub(crate) mod contact;
pub(crate) mod conversation;
pub(crate) mod conversation_item;
pub(crate) mod conversation_request;
pub(crate) mod conversation_work;
pub(crate) mod csat_page;
pub(crate) mod custom_attribute;
pub(crate) mod draft;
pub(crate) mod extension;
pub(crate) mod filter;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod integration;
pub(crate) mod job;
pub(crate) mod listing;
pub(crate) mod macros;
pub(crate) mod mail_server;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod notification;
pub(crate) mod page_visit;
pub(crate) mod privacy;
pub(crate) mod role;
pub(crate) mod routing;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod skill;
pub(crate) mod status;
pub(crate) mod survey;
pub(crate) mod tag;
pub(crate) mod team;
pub(crate) mod template;
pub(crate) mod view;
pub(crate) mod widget;
pub(crate) mod widget_settings;

use muster_core::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// An instant: RFC 3339, UTC, with a fraction only where there is one.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
