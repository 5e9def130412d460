//! Drafts: each agent's own.

use axum::extract::State;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Result};
use crate::extract::Body;
use crate::ids::ConversationUuid;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::draft::{self, Draft, DraftParams, DraftRequest};

/// Lists the caller's own drafts in conversations that they may read.
#[utoipa::path(
    get,
    path = "/api/v1/drafts",
    tag = "drafts",
    responses((status = 200, description = "Drafts", body = Envelope<Vec<Draft>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Draft>>> {
    let drafts = api.app.drafts(&agent.caller).await?;
    Ok(Reply(drafts.into_iter().map(Draft::from).collect()))
}

/// Keeps a draft in place of the caller's earlier one of the same type. It goes when it hasn't been changed for 15 days.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{uuid}/draft",
    tag = "drafts",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = DraftRequest,
    responses(
        (status = 200, description = "The draft", body = Envelope<Draft>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn save(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(request): Body<DraftRequest>,
) -> Result<Reply<Draft>> {
    let draft = api.app.save_draft(&agent.caller, uuid, request.content()?).await?;
    Ok(Reply(draft.into()))
}

/// Deletes the caller's drafts in a conversation, of one type or of both.
#[utoipa::path(
    delete,
    path = "/api/v1/conversations/{uuid}/draft",
    tag = "drafts",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation"), DraftParams),
    responses(
        (status = 200, description = "There is none any more", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    query: Query,
) -> Result<Done> {
    let kind = query.get("type").map(draft::kind).transpose()?;
    api.app.delete_draft(&agent.caller, uuid, kind).await?;
    Ok(Done)
}
