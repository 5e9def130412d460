//! Macros, and doing what they say.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use muster_app::macros::Applied;
use muster_core::id::MacroId;
use muster_core::{Error, Why};
use muster_http::json;

use super::conversations::of_assignee;
use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{AnyBody, Body, IdPath, PathId};
use crate::ids::{self, ConversationMacro};
use crate::reply::{Done, Envelope, JSON, Reply};
use crate::wire::macros::{ApplyRequest, Macro, MacroApplied, MacroRequest, Unreadable};

/// Lists the macros that the caller may use, those changed last first; all of them for whoever manages macros.
#[utoipa::path(
    get,
    path = "/api/v1/macros",
    tag = "macros",
    responses((status = 200, description = "Macros", body = Envelope<Vec<Macro>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Macro>>> {
    let macros = api.app.list_macros(&agent.caller).await?;
    Ok(Reply(macros.into_iter().map(Macro::from).collect()))
}

/// Shows a macro.
#[utoipa::path(
    get,
    path = "/api/v1/macros/{id}",
    tag = "macros",
    params(IdPath),
    responses(
        (status = 200, description = "The macro", body = Envelope<Macro>),
        (status = 404, description = "Macro not found", body = ErrorBody)
    )
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Macro>> {
    let found = api.app.find_macro(&agent.caller, ids::macro_id(id)?).await?;
    Ok(Reply(found.into()))
}

/// Creates a macro.
#[utoipa::path(
    post,
    path = "/api/v1/macros",
    tag = "macros",
    request_body = MacroRequest,
    responses((status = 200, description = "The new macro", body = Envelope<Macro>))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<MacroRequest>,
) -> Result<Reply<Macro>> {
    let visibility = request.visibility(None)?;
    let made = api.app.create_macro(&agent.caller, request.into_patch(Some(visibility))?).await.map_err(told)?;
    Ok(Reply(made.into()))
}

/// Changes a macro. Absent fields stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/macros/{id}",
    tag = "macros",
    params(IdPath),
    request_body = MacroRequest,
    responses(
        (status = 200, description = "The macro as it is now", body = Envelope<Macro>),
        (status = 404, description = "Macro not found", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<MacroRequest>,
) -> Result<Reply<Macro>> {
    let id = MacroId(id.or("Invalid macro `id`.")?);
    let visibility = if request.names_visibility() {
        let present = api.app.find_macro(&agent.caller, id).await?.r#macro.visibility;
        Some(request.visibility(Some(present))?)
    } else {
        None
    };
    let changed = api.app.update_macro(&agent.caller, id, request.into_patch(visibility)?).await.map_err(told)?;
    Ok(Reply(changed.into()))
}

/// Deletes a macro.
#[utoipa::path(
    delete,
    path = "/api/v1/macros/{id}",
    tag = "macros",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 404, description = "Macro not found", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_macro(&agent.caller, ids::macro_id(id)?).await?;
    Ok(Done)
}

/// Does what a macro says, or what the agent made of it, to a conversation.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{uuid}/macros/{id}/apply",
    tag = "macros",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation"), IdPath),
    request_body = ApplyRequest,
    responses(
        (status = 200, description = "All was done; in no envelope", body = MacroApplied),
        (status = 207, description = "Some of it could not be done; in no envelope", body = MacroApplied),
        (status = 404, description = "No such conversation or macro", body = ErrorBody),
        (status = 409, description = "The agent has no room, and nothing else could be done", body = ErrorBody)
    )
)]
pub(crate) async fn apply(
    State(api): State<Api>,
    agent: Agent,
    ConversationMacro { conversation, r#macro }: ConversationMacro,
    AnyBody(request): AnyBody<ApplyRequest>,
) -> Result<Response> {
    let mut actions = Vec::new();
    for action in request.into_actions() {
        actions.push(action.read().map_err(|why| match why {
            Unreadable::Type(kind) => Failure::permission(format!("{kind} action not allowed")),
            Unreadable::Value(failure) => failure,
        })?);
    }
    let applied = api.app.apply_macro(&agent.caller, conversation, r#macro, &actions).await.map_err(not_applied)?;
    let (status, message) = match applied {
        Applied::Whole => (StatusCode::OK, "Macro applied"),
        Applied::Partly => (StatusCode::MULTI_STATUS, "Macro partially applied"),
    };
    Ok(json::response(status, JSON, &MacroApplied { message }))
}

/// Wire (observed, 2.7): the texts.
fn told(error: Error) -> Failure {
    match error {
        Error::Invalid { field: "occasions", why: Why::Empty } => Failure::empty("visible_when"),
        Error::Invalid { field: "message", why: Why::TooLong { max } } => {
            Failure::input(format!("Message content is too long, should be at most {max} characters"))
        }
        Error::Invalid { field: "actions", why: _ } => Failure::input("Duplicate actions not allowed"),
        other => of_assignee(other),
    }
}

fn not_applied(error: Error) -> Failure {
    match error {
        Error::Denied(_) => Failure::permission("Permission denied for some macro actions"),
        other => told(other),
    }
}
