//! Departments: creating, changing, archiving and deleting them.

use axum::extract::State;
use muster_app::teams::{Extras, MembersPatch, NewTeam, TeamPatch};
use muster_core::id::TeamId;
use muster_core::team::Team;
use muster_core::{Entity, Error, Why};

use crate::auth::Agent;
use crate::error::{Failure, Result};
use crate::extract::{Body, PathId};
use crate::handlers::department_agents::{links, upserts};
use crate::handlers::departments::Departments;
use crate::params::DepartmentPath;
use crate::permissions::{ADD_LIVECHAT_DEPARTMENT_AGENTS, MANAGE_LIVECHAT_DEPARTMENTS};
use crate::reply::{Done, Reply, Yes};
use crate::validate::Amount;
use crate::wire::department::DepartmentReply;
use crate::wire::department_request::{DepartmentFields, DepartmentRequest};
use crate::{Api, KIND};

/// Creates a department.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/department",
    tag = "departments",
    request_body = DepartmentRequest,
    responses((status = 200, description = "The new department and its agents", body = DepartmentReply))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<DepartmentRequest>,
) -> Result<Reply<DepartmentReply>> {
    check_unit(&request)?;
    let all = Departments::load(&api, &agent).await?;
    let settings = TeamPatch { members: added(&request), ..patch(&request.department, &all, None)? };
    let new = NewTeam { name: request.department.name.clone(), settings };
    let team = api.app.create_team(&agent.caller, new).await.map_err(refusal)?;
    answer(&api, &agent, &team).await
}

/// Changes a department. Agents are added to it or changed in it; none is taken out.
#[utoipa::path(
    put,
    path = "/api/v1/livechat/department/{_id}",
    tag = "departments",
    params(DepartmentPath),
    request_body = DepartmentRequest,
    responses((status = 200, description = "The department as it is now", body = DepartmentReply))
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    PathId(id): PathId,
    Body(request): Body<DepartmentRequest>,
) -> Result<Reply<DepartmentReply>> {
    // Wire (documented): who may only add agents passes the route and is refused here.
    if !agent.may(MANAGE_LIVECHAT_DEPARTMENTS) {
        return Err(Failure::coded("", "error-not-allowed"));
    }
    check_unit(&request)?;
    let all = Departments::load(&api, &agent).await?;
    let before = all.by_public_id(&id).ok_or(Error::NotFound(Entity::Team))?;
    let members = added(&request).filter(|_| agent.may(ADD_LIVECHAT_DEPARTMENT_AGENTS));
    let patch = TeamPatch { refuse_archived: true, members, ..patch(&request.department, &all, Some(before))? };
    let team = api.app.update_team(&agent.caller, before.id, patch).await.map_err(refusal)?;
    answer(&api, &agent, &team).await
}

/// The agents to be in the department.
fn added(request: &DepartmentRequest) -> Option<MembersPatch> {
    let agents = request.agents.as_deref()?;
    Some(MembersPatch { upsert: upserts(agents), remove: Vec::new() })
}

/// The list that other bodies call `upsert` is called `agents` here.
fn refusal(error: Error) -> Failure {
    match error {
        Error::Invalid { field: "upsert", why } => Error::Invalid { field: "agents", why }.into(),
        other => other.into(),
    }
}

async fn answer(api: &Api, agent: &Agent, team: &Team) -> Result<Reply<DepartmentReply>> {
    let agents = links(api, agent, team).await?;
    let department = Departments::load(api, agent).await?.document(team);
    Ok(Reply(DepartmentReply { department: Some(department), agents: Some(agents), success: Yes }))
}

/// No department belongs to a unit here, so there is nothing to attach one to.
fn check_unit(request: &DepartmentRequest) -> Result<()> {
    let names_unit = request.department_unit.as_ref().is_some_and(|unit| unit.id.is_some());
    if names_unit { Err(Failure::coded("", "error-invalid-department-unit")) } else { Ok(()) }
}

/// What is said about the team. `before`: what it is now.
fn patch(fields: &DepartmentFields, all: &Departments, before: Option<&Team>) -> Result<TeamPatch> {
    check_tags(fields)?;
    let cap = fields.max_number_simultaneous_chat.map(|cap| limit(cap.0)).transpose()?;
    Ok(TeamPatch {
        name: Some(fields.name.clone()),
        description: fields.description.clone(),
        email: Some(Some(fields.email.clone()).filter(|email| !email.is_empty())),
        enabled: Some(fields.enabled),
        member_cap: cap,
        fallback_team: fallback(fields, all, before)?,
        forward_to: forward_to(fields, all)?,
        accepts_when_absent: fields.allow_receive_forward_offline,
        offered_at_start: Some(fields.show_on_registration),
        offered_when_closed: Some(fields.show_on_offline_form),
        closing_tags: fields.chat_closing_tags.clone(),
        tag_required: fields.request_tag_before_closing_chat,
        extras: Some(Extras { dialect: KIND, values: fields.extras() }),
        ..TeamPatch::default()
    })
}

fn check_tags(fields: &DepartmentFields) -> Result<()> {
    let asks = fields.request_tag_before_closing_chat == Some(true);
    let has_some = fields.chat_closing_tags.as_ref().is_some_and(|tags| !tags.is_empty());
    if asks && !has_some {
        let reason =
            "At least one closing tag is required when the department requires tag(s) on closing conversations.";
        return Err(Failure::coded(reason, "error-validating-department-chat-closing-tags"));
    }
    Ok(())
}

/// How many chats at once; `None`: as many as there are.
pub(crate) fn limit(amount: Amount) -> Result<Option<u16>> {
    match amount {
        Amount::None => Ok(None),
        Amount::Number(number) => match format!("{number}").parse::<u16>() {
            Ok(limit) => Ok(Some(limit).filter(|limit| *limit > 0)),
            Err(_) => Err(Error::invalid("capacity", Why::OutOfRange).into()),
        },
    }
}

fn fallback(fields: &DepartmentFields, all: &Departments, before: Option<&Team>) -> Result<Option<Option<TeamId>>> {
    let Some(id) = &fields.fallback_forward_department else { return Ok(None) };
    if id.is_empty() {
        return Ok(Some(None));
    }
    let team = all.by_public_id(id).ok_or_else(|| Failure::coded("", "error-fallback-department-not-found"))?;
    if before.is_some_and(|before| before.id == team.id) {
        return Err(Failure::coded("", "error-fallback-department-circular"));
    }
    Ok(Some(Some(team.id)))
}

fn forward_to(fields: &DepartmentFields, all: &Departments) -> Result<Option<Vec<TeamId>>> {
    let Some(ids) = &fields.departments_allowed_to_forward else { return Ok(None) };
    let teams = ids.0.iter().map(|id| all.by_public_id(id).map(|team| team.id));
    Ok(Some(teams.collect::<Option<Vec<_>>>().ok_or(Error::NotFound(Entity::Team))?))
}

/// Deletes a department, if the desk is set to allow it. Its chats keep their agents.
#[utoipa::path(
    delete,
    path = "/api/v1/livechat/department/{_id}",
    tag = "departments",
    params(DepartmentPath),
    responses((status = 200, description = "Deleted", body = Done))
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, PathId(id): PathId) -> Result<Done> {
    if !api.settings.department_removal {
        return Err(Failure::plain("error-department-removal-disabled"));
    }
    let absent = || Failure::plain("error-department-not-found");
    let team = find(&api, &agent, &id, absent).await?;
    api.app.delete_team(&agent.caller, team.id).await?;
    Ok(Done::default())
}

/// Archives a department, which disables it.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/department/{_id}/archive",
    tag = "departments",
    params(DepartmentPath),
    responses((status = 200, description = "Archived", body = Done))
)]
pub(crate) async fn archive(State(api): State<Api>, agent: Agent, PathId(id): PathId) -> Result<Done> {
    let team = find(&api, &agent, &id, || Failure::plain("department-not-found")).await?;
    let patch = TeamPatch { archived: Some(true), ..TeamPatch::default() };
    api.app.update_team(&agent.caller, team.id, patch).await?;
    Ok(Done::default())
}

/// Brings an archived department back, enabled.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/department/{_id}/unarchive",
    tag = "departments",
    params(DepartmentPath),
    responses((status = 200, description = "Brought back", body = Done))
)]
pub(crate) async fn unarchive(State(api): State<Api>, agent: Agent, PathId(id): PathId) -> Result<Done> {
    let team = find(&api, &agent, &id, || Failure::coded("", "department-not-found")).await?;
    let patch = TeamPatch { enabled: Some(true), ..TeamPatch::default() };
    api.app.update_team(&agent.caller, team.id, patch).await?;
    Ok(Done::default())
}

/// Archives a department, by its other address.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/department/archive/{_id}",
    tag = "departments",
    params(DepartmentPath),
    responses((status = 200, description = "Archived", body = Done))
)]
pub(crate) async fn archive_alias(api: State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    archive(api, agent, id).await
}

/// Brings an archived department back, by its other address.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/department/unarchive/{_id}",
    tag = "departments",
    params(DepartmentPath),
    responses((status = 200, description = "Brought back", body = Done))
)]
pub(crate) async fn unarchive_alias(api: State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    unarchive(api, agent, id).await
}

async fn find(api: &Api, agent: &Agent, id: &str, absent: impl FnOnce() -> Failure) -> Result<Team> {
    match api.app.team_by_public_id(&agent.caller, id).await {
        Err(Error::NotFound(Entity::Team)) => Err(absent()),
        found => Ok(found?),
    }
}
