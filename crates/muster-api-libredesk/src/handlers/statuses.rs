//! Statuses and priorities of conversations.

use axum::extract::State;
use muster_app::statuses::StatusPatch;
use muster_core::conversation::Category;
use muster_core::{Error, Refusal};

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::status::{Priority, Status, StatusBody};

/// Lists the statuses of conversations.
#[utoipa::path(
    get,
    path = "/api/v1/statuses",
    tag = "statuses",
    responses((status = 200, description = "Statuses", body = Envelope<Vec<Status>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Status>>> {
    let statuses = api.app.statuses(&agent.caller).await?;
    Ok(Reply(statuses.into_iter().map(Status::from).collect()))
}

fn category(word: Option<&str>) -> Result<Category> {
    word.and_then(Category::parse).ok_or_else(|| Failure::invalid("category"))
}

/// Creates a status.
#[utoipa::path(
    post,
    path = "/api/v1/statuses",
    tag = "statuses",
    request_body = StatusBody,
    responses(
        (status = 200, description = "The new status", body = Envelope<Status>),
        (status = 409, description = "Status already exists", body = ErrorBody)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<StatusBody>,
) -> Result<Reply<Status>> {
    let name = request.name.filter(|name| !name.trim().is_empty()).ok_or_else(|| Failure::empty("name"))?;
    let name = muster_core::conversation::Status::checked_name(&name)?;
    let category = category(request.category.as_deref())?;
    let status = api.app.create_status(&agent.caller, &name, category).await?;
    Ok(Reply(status.into()))
}

/// Changes a status that isn't built in.
///
/// Its category changes only while no conversation has it.
#[utoipa::path(
    put,
    path = "/api/v1/statuses/{id}",
    tag = "statuses",
    params(IdPath),
    request_body = StatusBody,
    responses(
        (status = 200, description = "The status as it is now", body = Envelope<Status>),
        (status = 409, description = "Status already exists", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<StatusBody>,
) -> Result<Reply<Status>> {
    let id = ids::status(id)?;
    let category = request.category.map(|word| category(Some(&word))).transpose()?;
    let patch = StatusPatch { name: request.name, category };
    let status = api.app.update_status(&agent.caller, id, patch).await.map_err(of_update)?;
    Ok(Reply(status.into()))
}

/// Ours: the product lets the category of a status in use change.
fn of_update(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::InUse(_)) => Failure::input(
            "Cannot change the category of a status that is in use, \
             Please remove this status from all conversations before changing it",
        ),
        error => error.into(),
    }
}

/// Deletes a status that isn't built in and that no conversation has.
#[utoipa::path(
    delete,
    path = "/api/v1/statuses/{id}",
    tag = "statuses",
    params(IdPath),
    responses((status = 200, description = "Deleted", body = Envelope<bool>))
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_status(&agent.caller, ids::status(id)?).await?;
    Ok(Done)
}

/// Lists the priorities of conversations, the highest first.
#[utoipa::path(
    get,
    path = "/api/v1/priorities",
    tag = "statuses",
    responses((status = 200, description = "Priorities", body = Envelope<Vec<Priority>>))
)]
pub(crate) async fn priorities(_: Agent) -> Reply<Vec<Priority>> {
    Reply(Priority::all())
}
