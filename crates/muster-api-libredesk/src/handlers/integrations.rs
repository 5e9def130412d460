//! Integrations: ours, in the product's manner.

use axum::extract::State;
use muster_app::integrations::NewIntegration;
use muster_core::id::TeamId;
use muster_core::integration::{Kind, Proof};

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::integration::{Integration, IntegrationRequest, NewKey};

/// Lists the integrations that aren't revoked.
#[utoipa::path(
    get,
    path = "/api/v1/integrations",
    tag = "integrations",
    responses((status = 200, description = "Integrations", body = Envelope<Vec<Integration>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Integration>>> {
    let integrations = api.app.list_integrations(&agent.caller).await?;
    Ok(Reply(integrations.into_iter().map(Integration::from).collect()))
}

/// Makes an integration. Its key is shown this once. Whoever makes one also needs `users:manage` and `teams:manage`.
#[utoipa::path(
    post,
    path = "/api/v1/integrations",
    tag = "integrations",
    request_body = IntegrationRequest,
    responses(
        (status = 200, description = "The new integration and its key", body = Envelope<NewKey>),
        (status = 409, description = "Integration already exists", body = ErrorBody)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<IntegrationRequest>,
) -> Result<Reply<NewKey>> {
    let IntegrationRequest { kind, name, team_ids, auth } = request;
    let kind = Kind::find(api.integrations, &kind)?;
    kind.check_teams(team_ids.as_deref())?;
    let proof = match auth {
        Some(word) => Proof::parse(&word).ok_or_else(|| Failure::invalid("auth"))?,
        None => Proof::Either,
    };
    let teams = team_ids.map(|ids| ids.into_iter().map(TeamId).collect());
    let new = NewIntegration { kind: kind.word, name, teams, proof };
    let created = api.app.create_integration(&agent.caller, new).await?;
    Ok(Reply(created.into()))
}

/// Revokes an integration: its key and its tokens are refused from now on.
#[utoipa::path(
    delete,
    path = "/api/v1/integrations/{id}",
    tag = "integrations",
    params(IdPath),
    responses(
        (status = 200, description = "Revoked", body = Envelope<bool>),
        (status = 404, description = "Integration not found", body = ErrorBody)
    )
)]
pub(crate) async fn revoke(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.revoke_integration_by_id(&agent.caller, ids::integration(id)?).await?;
    Ok(Done)
}
