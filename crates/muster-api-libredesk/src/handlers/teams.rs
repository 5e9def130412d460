//! Teams.

use axum::extract::State;
use muster_app::teams::{NewTeam, TeamPatch};
use muster_core::id::{BusinessHoursId, TeamId};

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::team::{AssignmentType, Team, TeamCompact, TeamMember, TeamMembersRequest, TeamRequest};

/// Lists the teams to choose from, by name.
#[utoipa::path(
    get,
    path = "/api/v1/teams/compact",
    tag = "teams",
    responses((status = 200, description = "Teams", body = Envelope<Vec<TeamCompact>>))
)]
pub(crate) async fn compact(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<TeamCompact>>> {
    let teams = api.app.teams_compact(&agent.caller).await?;
    Ok(Reply(teams.into_iter().map(TeamCompact::from).collect()))
}

/// Lists the teams, the one changed last first.
#[utoipa::path(
    get,
    path = "/api/v1/teams",
    tag = "teams",
    responses((status = 200, description = "Teams", body = Envelope<Vec<Team>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Team>>> {
    let teams = api.app.list_teams(&agent.caller).await?;
    Ok(Reply(teams.into_iter().map(Team::from).collect()))
}

/// Shows a team.
#[utoipa::path(
    get,
    path = "/api/v1/teams/{id}",
    tag = "teams",
    params(IdPath),
    responses((status = 200, description = "The team", body = Envelope<Team>))
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Team>> {
    let team = api.app.team(&agent.caller, ids::team(id)?).await?;
    Ok(Reply(team.into()))
}

/// Creates a team.
#[utoipa::path(
    post,
    path = "/api/v1/teams",
    tag = "teams",
    request_body = TeamRequest,
    responses(
        (status = 200, description = "The new team", body = Envelope<Team>),
        (status = 404, description = "No such business hours", body = ErrorBody),
        (status = 409, description = "Team already exists", body = ErrorBody)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<TeamRequest>,
) -> Result<Reply<Team>> {
    let name = request.name.clone().filter(|name| !name.trim().is_empty()).ok_or_else(|| Failure::empty("name"))?;
    let team = api.app.create_team(&agent.caller, NewTeam { name, settings: patch(request)? }).await?;
    Ok(Reply(team.into()))
}

/// Changes a team. Absent fields stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/teams/{id}",
    tag = "teams",
    params(IdPath),
    request_body = TeamRequest,
    responses(
        (status = 200, description = "The team as it is now", body = Envelope<Team>),
        (status = 404, description = "No such business hours", body = ErrorBody),
        (status = 409, description = "Team already exists", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<TeamRequest>,
) -> Result<Reply<Team>> {
    let id = ids::team(id)?;
    let team = api.app.update_team(&agent.caller, id, patch(request)?).await?;
    Ok(Reply(team.into()))
}

/// Deletes a team. Its conversations keep their agent and lose the team.
#[utoipa::path(
    delete,
    path = "/api/v1/teams/{id}",
    tag = "teams",
    params(IdPath),
    responses((status = 200, description = "Deleted", body = Envelope<bool>))
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_team(&agent.caller, ids::team(id)?).await?;
    Ok(Done)
}

/// Lists the members of a team, by order.
#[utoipa::path(
    get,
    path = "/api/v1/teams/{id}/members",
    tag = "teams",
    params(IdPath),
    responses((status = 200, description = "Members", body = Envelope<Vec<TeamMember>>))
)]
pub(crate) async fn members(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Vec<TeamMember>>> {
    let members = api.app.team_roster(&agent.caller, ids::team(id)?).await?;
    Ok(Reply(members.into_iter().map(TeamMember::from).collect()))
}

/// Changes the members of a team, and answers who they are now. Open conversations stay with whoever has them.
#[utoipa::path(
    put,
    path = "/api/v1/teams/{id}/members",
    tag = "teams",
    params(IdPath),
    request_body = TeamMembersRequest,
    responses(
        (status = 200, description = "Members", body = Envelope<Vec<TeamMember>>),
        (status = 404, description = "User not found", body = ErrorBody)
    )
)]
pub(crate) async fn change_members(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<TeamMembersRequest>,
) -> Result<Reply<Vec<TeamMember>>> {
    let members = api.app.change_roster(&agent.caller, ids::team(id)?, request.into()).await?;
    Ok(Reply(members.into_iter().map(TeamMember::from).collect()))
}

fn patch(request: TeamRequest) -> Result<TeamPatch> {
    let given = request.muster.unwrap_or_default();
    let mode = match request.conversation_assignment_type {
        Some(word) => {
            Some(AssignmentType::parse(&word).ok_or_else(|| Failure::invalid("conversation_assignment_type"))?)
        }
        None => None,
    };
    let cap = request.max_auto_assigned_conversations;
    Ok(TeamPatch {
        name: request.name,
        emoji: request.emoji.into_change(),
        description: given.description,
        email: given.email.into_change(),
        enabled: given.enabled,
        mode,
        // Wire (observed, 2.7): 0 stands for no limit.
        member_cap: cap.map(|cap| Some(cap).filter(|cap| *cap > 0)),
        timezone: request.timezone,
        business_hours: request.business_hours_id.map(BusinessHoursId).into_change(),
        sla_policy: request.sla_policy_id.into_change(),
        fallback_team: given.fallback_team_id.map(TeamId).into_change(),
        forward_to: given.forward_to.map(|teams| teams.into_iter().map(TeamId).collect()),
        accepts_when_absent: given.accepts_when_absent,
        offered_at_start: given.offered_at_start,
        offered_when_closed: given.offered_when_closed,
        closing_tags: given.closing_tags,
        tag_required: given.tag_required,
        wrap_up_ms: given.wrap_up_ms,
        ..TeamPatch::default()
    })
}
