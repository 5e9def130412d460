//! Roles.

use axum::extract::State;
use muster_app::roles::{NewRole, RolePatch};
use muster_core::{Entity, Error};

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::role::{Role, RoleRequest};

/// Lists the roles.
#[utoipa::path(
    get,
    path = "/api/v1/roles",
    tag = "roles",
    responses((status = 200, description = "Roles", body = Envelope<Vec<Role>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Role>>> {
    let roles = api.app.list_roles(&agent.caller).await?;
    Ok(Reply(roles.into_iter().map(Role::from).collect()))
}

/// Shows a role.
#[utoipa::path(
    get,
    path = "/api/v1/roles/{id}",
    tag = "roles",
    params(IdPath),
    responses(
        (status = 200, description = "The role", body = Envelope<Role>),
        (status = 404, description = "Role not found", body = ErrorBody)
    )
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Role>> {
    let role = api.app.role(&agent.caller, ids::role(id)?).await?;
    Ok(Reply(role.into()))
}

/// Creates a role.
#[utoipa::path(
    post,
    path = "/api/v1/roles",
    tag = "roles",
    request_body = RoleRequest,
    responses((status = 200, description = "The new role", body = Envelope<Role>))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<RoleRequest>,
) -> Result<Reply<Role>> {
    check(&request)?;
    let permissions = request.permissions();
    let role = NewRole { name: request.name, description: request.description, permissions };
    match api.app.create_role(&agent.caller, role).await {
        Ok(role) => Ok(Reply(role.into())),
        // Wire (observed, 2.7): a taken name is 400 here.
        Err(Error::Conflict(Entity::Role)) => Err(Failure::input("Role already exists")),
        Err(error) => Err(error.into()),
    }
}

/// Replaces a role's name, description and permissions.
#[utoipa::path(
    put,
    path = "/api/v1/roles/{id}",
    tag = "roles",
    params(IdPath),
    request_body = RoleRequest,
    responses(
        (status = 200, description = "The role as it is now", body = Envelope<Role>),
        (status = 404, description = "Role not found", body = ErrorBody),
        (status = 409, description = "Role already exists", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<RoleRequest>,
) -> Result<Reply<Role>> {
    let id = ids::role(id)?;
    check(&request)?;
    let permissions = Some(request.permissions());
    let patch = RolePatch { name: Some(request.name), description: Some(request.description), permissions };
    let role = api.app.update_role(&agent.caller, id, patch).await?;
    Ok(Reply(role.into()))
}

/// Deletes a role; whoever held it loses it.
#[utoipa::path(
    delete,
    path = "/api/v1/roles/{id}",
    tag = "roles",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 404, description = "Role not found", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_role(&agent.caller, ids::role(id)?).await?;
    Ok(Done)
}

fn check(request: &RoleRequest) -> Result<()> {
    if request.name.trim().is_empty() {
        return Err(Failure::empty("name"));
    }
    if request.permissions().is_empty() { Err(Failure::input("Permission empty")) } else { Ok(()) }
}
