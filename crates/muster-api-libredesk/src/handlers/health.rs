//! Whether the process is up, and whether the desk can take writes.

use axum::extract::State;

use crate::Api;
use crate::error::{ErrorBody, Failure, Result};
use crate::reply::{Done, Envelope};

/// Says that the process is up.
#[utoipa::path(
    get,
    path = "/health",
    tag = "health",
    security(()),
    responses((status = 200, description = "The process is up", body = Envelope<bool>))
)]
pub(crate) async fn health() -> Done {
    Done
}

/// Says whether the desk takes work: its store takes writes, and it is not being stopped.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "health",
    security(()),
    responses(
        (status = 200, description = "The store takes writes", body = Envelope<bool>),
        (status = 503, description = "The store takes no writes, or the desk is being stopped", body = ErrorBody)
    )
)]
pub(crate) async fn ready(State(api): State<Api>) -> Result<Done> {
    if api.app.is_draining() {
        return Err(Failure::unavailable("The desk is being stopped", None));
    }
    if api.app.store().is_writable().await {
        Ok(Done)
    } else {
        Err(Failure::unavailable("The store takes no writes", Some(5)))
    }
}
