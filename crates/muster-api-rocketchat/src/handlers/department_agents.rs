//! Who is in which department.

use axum::extract::State;
use muster_app::teams::{MemberUpsert, MembersPatch};
use muster_core::team::Team;
use muster_core::{Entity, Error};
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::Result;
use crate::extract::{Fields, PathId};
use crate::listing::{ListParams, Listing, Page, is_true};
use crate::params::{AgentDepartmentsParams, AgentPath, DepartmentPath};
use crate::reply::{Done, Reply, Yes};
use crate::wire::department::{AgentDepartment, AgentDepartmentsReply, DepartmentAgent, DepartmentAgentsReply};
use crate::wire::department_agents::{DepartmentAgentsBody, Lists};
use crate::wire::department_request::DepartmentAgentRequest;

// Wire (documented, "Update Agents of Department"): address, body, 200, 401 and both 403.
/// Update the agents of a specific department.
///
/// Removes come first, all of them, then upserts in their order; ids that are no user's are passed over. Chats stay with
/// the agents who have them.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/department/{_id}/agents",
    tag = "departments",
    params(DepartmentPath),
    request_body = DepartmentAgentsBody,
    responses((status = 200, description = "OK", body = Done))
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    PathId(id): PathId,
    Fields(fields): Fields,
) -> Result<Done> {
    let lists = Lists::read(fields)?;
    let team = api.app.team_by_public_id(&agent.caller, &id).await?;
    let elements = lists.elements()?;
    let patch = MembersPatch { upsert: upserts(&elements.upsert), remove: elements.remove };
    api.app.change_members(&agent.caller, team.id, patch).await?;
    Ok(Done::default())
}

/// Wire (documented): numbers that are not named are 0, so an upsert without them resets those there are.
pub(crate) fn upserts(agents: &[DepartmentAgentRequest]) -> Vec<MemberUpsert> {
    let upserts = agents.iter().map(|agent| MemberUpsert {
        agent: agent.agent_id.clone(),
        count: agent.count.map_or(0, |count| count.0.into()),
        order: agent.order.map_or(0, |order| order.0),
    });
    upserts.collect()
}

/// The agents of a department, by id.
pub(crate) async fn links(api: &Api, agent: &Agent, team: &Team) -> Result<Vec<DepartmentAgent>> {
    let members = api.app.team_members(&agent.caller, team.id).await?;
    Ok(members.iter().map(|member| DepartmentAgent::of_member(member, team)).collect())
}

/// Lists the agents of a department; none if there is no such department.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/department/{_id}/agents",
    tag = "departments",
    params(DepartmentPath, ListParams),
    responses((status = 200, description = "Agents, by username unless asked otherwise", body = DepartmentAgentsReply))
)]
pub(crate) async fn list(
    State(api): State<Api>,
    agent: Agent,
    PathId(id): PathId,
    listing: Listing,
) -> Result<Reply<DepartmentAgentsReply>> {
    let links = match api.app.team_by_public_id(&agent.caller, &id).await {
        Err(Error::NotFound(Entity::Team)) => Vec::new(),
        team => links(&api, &agent, &team?).await?,
    };
    let Page { items, count, offset, total } = listing.page(links, "username");
    Ok(Reply(DepartmentAgentsReply { agents: items, count, offset, total, success: Yes }))
}

/// Lists the departments of an agent; none if there is no such agent.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/agents/{agentId}/departments",
    tag = "agents",
    params(AgentPath, AgentDepartmentsParams),
    responses((status = 200, description = "The agent's departments", body = AgentDepartmentsReply))
)]
pub(crate) async fn of_agent(
    State(api): State<Api>,
    agent: Agent,
    PathId(id): PathId,
    query: Query,
) -> Result<Reply<AgentDepartmentsReply>> {
    let profile = match api.app.colleague_by_public_id(&agent.caller, &id).await {
        Err(Error::NotFound(Entity::Agent)) => {
            return Ok(Reply(AgentDepartmentsReply { departments: Vec::new(), success: Yes }));
        }
        found => found?,
    };
    let teams = api.app.teams_compact(&agent.caller).await?;
    let only_enabled = is_true(&query, "enabledDepartmentsOnly");
    let held = profile.teams.iter().filter_map(|held| {
        let team = teams.iter().find(|team| team.id == held.id)?;
        let link = DepartmentAgent::of_agent(&profile, &held.membership, team);
        (team.enabled || !only_enabled).then(|| AgentDepartment { link, department_name: team.name.clone() })
    });
    Ok(Reply(AgentDepartmentsReply { departments: held.collect(), success: Yes }))
}
