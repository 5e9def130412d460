//! Statuses and priorities of conversations.

use axum::extract::State;

use crate::Api;
use crate::auth::Agent;
use crate::error::Result;
use crate::reply::{Envelope, Reply};
use crate::wire::status::{Priority, Status};

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
