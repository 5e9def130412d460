//! The API key of an agent: the one pair named `default`. An agent may have others by other means.

use axum::extract::State;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Result};
use crate::extract::{IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::auth::ApiKey;

const DEFAULT: &str = "default";

/// Makes a key pair, which replaces the present one. The secret is shown this once.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{id}/api-key",
    tag = "agents",
    params(IdPath),
    responses(
        (status = 200, description = "The new pair", body = Envelope<ApiKey>),
        (status = 404, description = "User not found", body = ErrorBody)
    )
)]
pub(crate) async fn create(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<ApiKey>> {
    let key = api.app.create_api_key(&agent.caller, ids::agent(id)?, Some(DEFAULT)).await?;
    Ok(Reply(ApiKey { api_key: key.key_id, api_secret: key.secret }))
}

/// Revokes the key pair, if there is one.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{id}/api-key",
    tag = "agents",
    params(IdPath),
    responses(
        (status = 200, description = "Revoked", body = Envelope<bool>),
        (status = 404, description = "User not found", body = ErrorBody)
    )
)]
pub(crate) async fn revoke(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.revoke_api_key(&agent.caller, ids::agent(id)?, DEFAULT).await?;
    Ok(Done)
}
