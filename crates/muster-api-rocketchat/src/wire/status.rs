//! Presence, said and shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::presence::{Service, Status};
use crate::reply::Yes;
use crate::validate::{Kind, Parameters, Shape, optional};

/// How the caller wants to be shown. At least one of the first two is needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetStatus {
    /// `online`, `away`, `busy` or `offline`.
    pub(crate) status: Option<String>,
    /// Free text.
    pub(crate) message: Option<String>,
    /// Nobody but the caller.
    pub(crate) user_id: Option<String>,
    pub(crate) username: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusReply {
    pub(crate) message: String,
    pub(crate) status: Status,
    pub(crate) connection_status: Status,
    #[serde(rename = "_id")]
    pub(crate) id: String,
    pub(crate) success: Yes,
}

/// Whether an agent takes chats; the other of the two when absent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetService {
    /// `available` or `not-available`.
    pub(crate) status: Option<String>,
    /// The caller when absent.
    pub(crate) agent_id: Option<String>,
}

impl Parameters for SetService {
    const SHAPE: Shape =
        Shape::of(&[optional("status", Kind::Word(&["available", "not-available"])), optional("agentId", Kind::Text)]);
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceReply {
    pub(crate) status: Service,
    pub(crate) success: Yes,
}
