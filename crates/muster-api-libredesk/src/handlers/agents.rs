//! Agents.

mod translate;

use axum::extract::State;
use muster_core::agent::email;
use muster_core::id::AgentId;
use muster_core::{Entity, Error, Refusal};

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::agent::{User, UserCompact};
use crate::wire::agent_request::AgentRequest;

/// Lists agents, the one changed last first.
#[utoipa::path(
    get,
    path = "/api/v1/agents",
    tag = "agents",
    responses((status = 200, description = "Agents", body = Envelope<Vec<UserCompact>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<UserCompact>>> {
    let default_capacity = api.app.settings().routing.default_capacity;
    let agents = api.app.list_agents(&agent.caller).await?;
    Ok(Reply(agents.into_iter().map(|listing| UserCompact::listed(listing, default_capacity)).collect()))
}

/// Lists agents and assistants to choose from.
#[utoipa::path(
    get,
    path = "/api/v1/agents/compact",
    tag = "agents",
    responses((status = 200, description = "Agents", body = Envelope<Vec<UserCompact>>))
)]
pub(crate) async fn compact(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<UserCompact>>> {
    let default_capacity = api.app.settings().routing.default_capacity;
    let agents = api.app.agents_compact(&agent.caller).await?;
    Ok(Reply(agents.into_iter().map(|summary| UserCompact::new(summary, default_capacity)).collect()))
}

/// Shows an agent.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{id}",
    tag = "agents",
    params(IdPath),
    responses(
        (status = 200, description = "The agent", body = Envelope<User>),
        (status = 404, description = "User not found", body = ErrorBody)
    )
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<User>> {
    let profile = api.app.agent(&agent.caller, ids::agent(id)?).await?;
    Ok(Reply(User::new(&profile, api.app.now())))
}

/// Creates an agent.
#[utoipa::path(
    post,
    path = "/api/v1/agents",
    tag = "agents",
    request_body(content = AgentRequest, description = "Agent creation details"),
    responses(
        (status = 200, description = "Agent created successfully", body = Envelope<User>),
        (status = 409, description = "User with same email already exists", body = ErrorBody)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<AgentRequest>,
) -> Result<Reply<User>> {
    check(&request)?;
    let new = translate::new_agent(&api.app, &agent.caller, request).await?;
    let profile = api.app.create_agent(&agent.caller, new).await.map_err(failure)?;
    Ok(Reply(User::new(&profile, api.app.now())))
}

/// Changes an agent. What is absent stays as it is, but for `first_name`, `email` and `roles`, which are needed.
#[utoipa::path(
    put,
    path = "/api/v1/agents/{id}",
    tag = "agents",
    params(IdPath),
    request_body(content = AgentRequest, description = "Agent update details"),
    responses(
        (status = 200, description = "Agent updated successfully", body = Envelope<User>),
        (status = 404, description = "User not found", body = ErrorBody),
        (status = 409, description = "User with same email already exists", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<AgentRequest>,
) -> Result<Reply<User>> {
    let id = id.or("`id` empty").map(AgentId)?;
    check(&request)?;
    let patch = translate::agent_patch(&api.app, &agent.caller, request).await?;
    let profile = api.app.update_agent(&agent.caller, id, patch).await.map_err(failure)?;
    Ok(Reply(User::new(&profile, api.app.now())))
}

/// Deletes an agent. Open conversations go back to the queue.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{id}",
    tag = "agents",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted, now or before", body = Envelope<bool>),
        (status = 404, description = "Not found", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    let id = id.or("User `id` empty").map(AgentId)?;
    match api.app.delete_agent(&agent.caller, id).await {
        Ok(()) => Ok(Done),
        // Wire (observed, 2.7): these texts differ from those of other routes.
        Err(Error::NotFound(Entity::Agent)) => Err(Failure::not_found("Not found")),
        Err(Error::Refused(Refusal::BuiltIn(Entity::Agent))) => Err(Failure::input("Cannot delete system user")),
        Err(error) => Err(error.into()),
    }
}

/// What a write of somebody else is refused with where the text of the error table speaks to the caller.
fn failure(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::NotMember) => Failure::input("User is not a member of this team"),
        Error::NotFound(Entity::Skill) => Failure::input("Skill not found"),
        Error::NotFound(Entity::Role) => Failure::input("Role not found"),
        other => other.into(),
    }
}

/// Checks the needed fields.
// Wire (observed, 2.7): this order, and `role` as the name of the field.
fn check(request: &AgentRequest) -> Result<()> {
    email("email", request.email.as_deref().unwrap_or_default())?;
    if request.roles().is_none() {
        return Err(Failure::empty("role"));
    }
    if request.first_name.as_deref().unwrap_or_default().trim().is_empty() {
        return Err(Failure::empty("first_name"));
    }
    Ok(())
}
