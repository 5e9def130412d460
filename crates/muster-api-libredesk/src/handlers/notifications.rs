//! Notifications: each agent's own.

use axum::extract::State;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Result};
use crate::extract::{IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::notification::{Notification, NotificationParams, NotificationStats, window};

/// Lists the caller's own notifications, the newest first. Those about conversations that the caller may not read any
/// more are left out; those older than 30 days are gone.
#[utoipa::path(
    get,
    path = "/api/v1/notifications",
    tag = "notifications",
    params(NotificationParams),
    responses((status = 200, description = "Notifications", body = Envelope<Vec<Notification>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Vec<Notification>>> {
    let (limit, offset) = window(&query);
    let views = api.app.notifications(&agent.caller, limit, offset).await?;
    Ok(Reply(views.iter().map(Notification::from).collect()))
}

/// Counts the caller's own notifications.
#[utoipa::path(
    get,
    path = "/api/v1/notifications/stats",
    tag = "notifications",
    responses((status = 200, description = "How many there are", body = Envelope<NotificationStats>))
)]
pub(crate) async fn stats(State(api): State<Api>, agent: Agent) -> Result<Reply<NotificationStats>> {
    Ok(Reply(api.app.count_notifications(&agent.caller).await?.into()))
}

/// Marks one of the caller's own notifications as read.
#[utoipa::path(
    put,
    path = "/api/v1/notifications/{id}/read",
    tag = "notifications",
    params(IdPath),
    responses(
        (status = 200, description = "It is read", body = Envelope<bool>),
        (status = 404, description = "No such notification of the caller's", body = ErrorBody)
    )
)]
pub(crate) async fn read(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.read_notification(&agent.caller, ids::notification(id)?).await?;
    Ok(Done)
}

/// Marks all of the caller's own notifications as read.
#[utoipa::path(
    put,
    path = "/api/v1/notifications/read-all",
    tag = "notifications",
    responses((status = 200, description = "All are read", body = Envelope<bool>))
)]
pub(crate) async fn read_all(State(api): State<Api>, agent: Agent) -> Result<Done> {
    api.app.read_all_notifications(&agent.caller).await?;
    Ok(Done)
}

/// Deletes one of the caller's own notifications.
#[utoipa::path(
    delete,
    path = "/api/v1/notifications/{id}",
    tag = "notifications",
    params(IdPath),
    responses(
        (status = 200, description = "It is gone", body = Envelope<bool>),
        (status = 404, description = "No such notification of the caller's", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_notification(&agent.caller, ids::notification(id)?).await?;
    Ok(Done)
}

/// Deletes all of the caller's own notifications.
#[utoipa::path(
    delete,
    path = "/api/v1/notifications",
    tag = "notifications",
    responses((status = 200, description = "All are gone", body = Envelope<bool>))
)]
pub(crate) async fn delete_all(State(api): State<Api>, agent: Agent) -> Result<Done> {
    api.app.delete_notifications(&agent.caller).await?;
    Ok(Done)
}
