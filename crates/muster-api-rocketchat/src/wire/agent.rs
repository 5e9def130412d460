//! Agents and managers.

use std::collections::BTreeMap;

use muster_core::Timestamp;
use muster_core::agent::Profile;
use muster_core::id::TeamId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::department_request::AmountField;
use super::user::{Email, Livechat, emails, livechat};
use crate::presence::{self, Service, Status};
use crate::reply::Yes;
use crate::validate::{Kind, Parameters, Shape, Wrapping, optional, required};

/// An agent or a manager.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceUser {
    #[serde(rename = "_id")]
    id: String,
    username: String,
    name: String,
    status: Status,
    /// Absent of managers who are no agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_livechat: Option<Service>,
    emails: Vec<Email>,
    livechat: Livechat,
    /// Ids of the departments the user is in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    departments: Vec<String>,
}

impl ServiceUser {
    /// `teams`: ids of all teams.
    pub(crate) fn new(profile: &Profile, teams: &BTreeMap<TeamId, String>, now: Timestamp) -> Self {
        let agent = &profile.agent;
        Self {
            id: agent.public_id.to_string(),
            username: agent.login.clone(),
            name: agent.name(),
            status: presence::status(profile, now),
            status_livechat: presence::service(profile),
            emails: emails(profile),
            livechat: livechat(profile),
            departments: profile.teams.iter().filter_map(|team| teams.get(&team.id).cloned()).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceUsersReply {
    pub(crate) users: Vec<ServiceUser>,
    pub(crate) count: usize,
    pub(crate) offset: usize,
    pub(crate) total: usize,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceUserReply {
    /// Null if the user is not one of them.
    #[schema(required)]
    pub(crate) user: Option<ServiceUser>,
    pub(crate) success: Yes,
}

/// A user to become an agent or a manager.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AddServiceUser {
    pub(crate) username: String,
}

impl Parameters for AddServiceUser {
    const SHAPE: Shape = Shape::of(&[required("username", Kind::Text)]);
}

/// An agent's departments and limit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SaveInfo {
    pub(crate) agent_id: String,
    pub(crate) agent_data: AgentData,
    /// Ids of departments: all that the agent is in from now on.
    pub(crate) agent_departments: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentData {
    /// Open chats at a time, as a number or the text of one; 0 or an empty text for no limit of the agent's own.
    #[schema(value_type = Option<u16>)]
    pub(crate) max_number_simultaneous_chat: Option<AmountField>,
}

impl Parameters for SaveInfo {
    const SHAPE: Shape = Shape::of(&[
        required("agentId", Kind::Text),
        required("agentData", Kind::Object(Shape::of(&[optional("maxNumberSimultaneousChat", Kind::Amount)]))),
        required("agentDepartments", Kind::Texts),
    ]);
    const WRAPPING: Wrapping = Wrapping::Bare;
}
