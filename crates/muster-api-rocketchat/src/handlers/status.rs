//! Presence.

use axum::extract::State;
use muster_app::presence::OwnStatus;
use muster_core::agent::Profile;
use muster_core::{Entity, Error};
use muster_http::query::Query;
use serde_json::{Map, Value};

use crate::Api;
use crate::auth::Agent;
use crate::error::{Failure, Result};
use crate::extract::{Body, Fields};
use crate::params::UserParams;
use crate::presence::{self, Service};
use crate::reply::{Done, Reply, Yes};
use crate::wire::status::{ServiceReply, SetService, SetStatus, StatusReply};

/// Shows whether a user is there; the caller unless another is named.
#[utoipa::path(
    get,
    path = "/api/v1/users.getStatus",
    tag = "users",
    params(UserParams),
    responses((status = 200, description = "The status", body = StatusReply))
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<StatusReply>> {
    let profile = match (query.get("userId"), query.get("username")) {
        (Some(id), _) => api.app.colleague_by_public_id(&agent.caller, id).await?,
        (None, Some(username)) => api.app.colleague_by_login(&agent.caller, username).await?,
        (None, None) => api.app.my_profile(&agent.caller).await?,
    };
    let now = api.app.now();
    Ok(Reply(StatusReply {
        message: presence::text(&profile).to_owned(),
        status: presence::status(&profile, now),
        connection_status: presence::connection(&profile, now),
        id: profile.agent.public_id.to_string(),
        success: Yes,
    }))
}

/// Sets how the caller is shown. Any status but `offline` is taken as proof that the caller is there.
#[utoipa::path(
    post,
    path = "/api/v1/users.setStatus",
    tag = "users",
    request_body = SetStatus,
    responses((status = 200, description = "Set", body = Done))
)]
pub(crate) async fn set(State(api): State<Api>, agent: Agent, Fields(fields): Fields) -> Result<Done> {
    let request = read(fields)?;
    let own = api.app.my_profile(&agent.caller).await?;
    check_is_self(&request, &own)?;
    match (request.status, request.message) {
        (Some(word), message) => api.app.set_my_status(&agent.caller, parse(&word)?, message).await?,
        (None, message) => api.app.set_my_note(&agent.caller, &message.unwrap_or_default()).await?,
    };
    Ok(Done::default())
}

/// Wire (documented): the handler looks at the parameters itself. Wire (inferred): its texts.
fn read(fields: Map<String, Value>) -> Result<SetStatus> {
    let known = ["status", "message", "userId", "username"];
    let wrong =
        known.iter().find(|name| fields.get(**name).is_some_and(|value| !value.is_string() && !value.is_null()));
    if let Some(name) = wrong {
        return Err(Failure::mismatch(&format!("Expected string in field {name}")));
    }
    let request: SetStatus =
        serde_json::from_value(Value::Object(fields)).map_err(|_| Failure::mismatch("Expected string"))?;
    if request.status.is_none() && request.message.is_none() {
        return Err(Failure::mismatch("Failed Match.OneOf, Match.Maybe or Match.Optional validation"));
    }
    Ok(request)
}

/// Presence is proven by nobody but its owner.
fn check_is_self(request: &SetStatus, own: &Profile) -> Result<()> {
    let by_id = request.user_id.as_deref().is_none_or(|id| id == own.agent.public_id.as_str());
    let by_name = request.username.as_deref().is_none_or(|name| name == own.agent.login);
    if by_id && by_name { Ok(()) } else { Err(Failure::forbidden()) }
}

fn parse(word: &str) -> Result<OwnStatus> {
    match word {
        "online" => Ok(OwnStatus::Online),
        "away" => Ok(OwnStatus::Away),
        "busy" => Ok(OwnStatus::Busy),
        "offline" => Ok(OwnStatus::Offline),
        _ => {
            let reason = "Valid status types include online, away, offline, and busy.";
            Err(Failure::coded(reason, "error-invalid-status"))
        }
    }
}

/// Sets whether an agent takes chats: the one named, else the caller; switches it over if no status is given.
///
/// For oneself it is proof that one is there, also if nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/agent.status",
    tag = "agents",
    request_body = SetService,
    responses(
        (status = 200, description = "The status as it is now", body = ServiceReply),
        (status = 404, description = "Agent not found", body = crate::error::ErrorBody)
    )
)]
pub(crate) async fn set_service(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<SetService>,
) -> Result<Reply<ServiceReply>> {
    let profile = match &request.agent_id {
        Some(id) => api.app.colleague_by_public_id(&agent.caller, id).await.map_err(absent)?,
        None => api.app.my_profile(&agent.caller).await?,
    };
    let present = presence::service(&profile);
    let available = match request.status.as_deref() {
        Some(word) => word == "available",
        None => present != Some(Service::Available),
    };
    let profile = api.app.set_service_status(&agent.caller, profile.agent.id, available).await?;
    let status = presence::service(&profile).unwrap_or(Service::NotAvailable);
    Ok(Reply(ServiceReply { status, success: Yes }))
}

fn absent(error: Error) -> Failure {
    match error {
        Error::NotFound(Entity::Agent) => Failure::new(axum::http::StatusCode::NOT_FOUND, "Agent not found"),
        other => other.into(),
    }
}
