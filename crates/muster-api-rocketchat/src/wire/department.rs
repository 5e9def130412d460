//! Departments and their agents as they are shown.

use std::collections::BTreeMap;

use muster_core::agent::{Membership, Profile};
use muster_core::id::TeamId;
use muster_core::team::{Team, TeamMember};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Time;
use crate::reply::Yes;

/// A field that means something to clients alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Bool(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

// Wire (documented): what a department doesn't have is absent, not null.
/// A department, which is a team of the desk. Further fields are those that clients stored with it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Department {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    enabled: bool,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    show_on_registration: bool,
    show_on_offline_form: bool,
    /// Empty: none.
    email: String,
    r#type: DepartmentType,
    /// Agents in the department.
    num_agents: i64,
    request_tag_before_closing_chat: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chat_closing_tags: Vec<String>,
    /// Ids of departments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    departments_allowed_to_forward: Vec<String>,
    /// Id of a department.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_forward_department: Option<String>,
    allow_receive_forward_offline: bool,
    /// Open chats of the department per agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_number_simultaneous_chat: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<Yes>,
    #[serde(rename = "_updatedAt")]
    updated_at: Time,
    #[serde(flatten)]
    extras: BTreeMap<String, Scalar>,
}

/// Always `d`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) enum DepartmentType {
    #[serde(rename = "d")]
    Department,
}

/// What a department's document is made with, beside the team.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    /// Ids of all teams.
    pub(crate) ids: BTreeMap<TeamId, String>,
    /// Members of each team.
    pub(crate) sizes: BTreeMap<TeamId, i64>,
    /// What clients stored with each team.
    pub(crate) extras: BTreeMap<TeamId, Map<String, Value>>,
}

impl Department {
    pub(crate) fn new(team: &Team, around: &Surroundings) -> Self {
        let id = |team: &TeamId| around.ids.get(team).cloned();
        Self {
            id: team.public_id.to_string(),
            enabled: team.enabled,
            name: team.name.clone(),
            description: team.description.clone(),
            show_on_registration: team.offered_at_start,
            show_on_offline_form: team.offered_when_closed,
            email: team.email.clone().unwrap_or_default(),
            r#type: DepartmentType::Department,
            num_agents: around.sizes.get(&team.id).copied().unwrap_or(0),
            request_tag_before_closing_chat: team.tag_required,
            chat_closing_tags: team.closing_tags.clone(),
            departments_allowed_to_forward: team.forward_to.iter().filter_map(id).collect(),
            fallback_forward_department: team.fallback_team.as_ref().and_then(id),
            allow_receive_forward_offline: team.accepts_when_absent,
            max_number_simultaneous_chat: team.member_cap,
            archived: team.archived_at.map(|_| Yes),
            updated_at: Time(team.updated_at),
            extras: around.extras.get(&team.id).map(scalars).unwrap_or_default(),
        }
    }
}

fn scalars(values: &Map<String, Value>) -> BTreeMap<String, Scalar> {
    let scalars = values.iter().filter_map(|(name, value)| Some((name.clone(), Scalar::deserialize(value).ok()?)));
    scalars.collect()
}

/// An agent's place in a department.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentAgent {
    #[serde(rename = "_id")]
    id: String,
    agent_id: String,
    department_id: String,
    username: String,
    /// Chats ever given to the agent in the department.
    count: i64,
    /// Lower first.
    order: i32,
    department_enabled: bool,
    #[serde(rename = "_updatedAt")]
    updated_at: Time,
}

impl DepartmentAgent {
    pub(crate) fn of_member(member: &TeamMember, team: &Team) -> Self {
        Self::new(member.public_id.to_string(), member.login.clone(), &member.membership, team)
    }

    pub(crate) fn of_agent(profile: &Profile, membership: &Membership, team: &Team) -> Self {
        Self::new(profile.agent.public_id.to_string(), profile.agent.login.clone(), membership, team)
    }

    fn new(agent_id: String, username: String, membership: &Membership, team: &Team) -> Self {
        Self {
            id: membership.public_id.to_string(),
            agent_id,
            department_id: team.public_id.to_string(),
            username,
            count: membership.assignment_count,
            order: membership.order,
            department_enabled: team.enabled,
            updated_at: Time(membership.updated_at),
        }
    }
}

/// The same with the department's name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentDepartment {
    #[serde(flatten)]
    pub(crate) link: DepartmentAgent,
    pub(crate) department_name: String,
}

/// A department to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentName {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    pub(crate) name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentReply {
    /// Null if there is no such department.
    #[schema(required)]
    pub(crate) department: Option<Department>,
    /// Absent if not asked for, or not to be seen by the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agents: Option<Vec<DepartmentAgent>>,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentsReply {
    pub(crate) departments: Vec<Department>,
    pub(crate) count: usize,
    pub(crate) offset: usize,
    pub(crate) total: usize,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentsByIdsReply {
    pub(crate) departments: Vec<Department>,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentNamesReply {
    pub(crate) items: Vec<DepartmentName>,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentAgentsReply {
    pub(crate) agents: Vec<DepartmentAgent>,
    pub(crate) count: usize,
    pub(crate) offset: usize,
    pub(crate) total: usize,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentDepartmentsReply {
    pub(crate) departments: Vec<AgentDepartment>,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreationAvailableReply {
    pub(crate) is_department_creation_available: bool,
    pub(crate) success: Yes,
}
