//! What agents note on a conversation, who took part in it, and how much of it they have read.

use axum::extract::State;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Result};
use crate::extract::Body;
use crate::ids::ConversationUuid;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::conversation_work::{AttributeValues, Participant};

/// Gives a conversation custom attributes in place of those it has.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/custom-attributes",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = AttributeValues,
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn set_attributes(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(AttributeValues(values)): Body<AttributeValues>,
) -> Result<Done> {
    api.app.set_conversation_attributes(&agent.caller, uuid, values).await?;
    Ok(Done)
}

/// Merges custom attributes into those of a conversation's contact; null deletes one.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/contacts/custom-attributes",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = AttributeValues,
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation, or its contact was erased", body = ErrorBody)
    )
)]
pub(crate) async fn merge_contact_attributes(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(AttributeValues(values)): Body<AttributeValues>,
) -> Result<Done> {
    api.app.merge_contact_attributes(&agent.caller, uuid, values).await?;
    Ok(Done)
}

/// Lists everybody who wrote into a conversation or did something to it, in the order in which they began.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{uuid}/participants",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "People", body = Envelope<Vec<Participant>>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn participants(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Reply<Vec<Participant>>> {
    let people = api.app.participants(&agent.caller, uuid).await?;
    Ok(Reply(people.into_iter().map(Participant::from).collect()))
}

/// Marks the latest message of a conversation as not read by the signed-in agent.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/mark-unread",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn mark_unread(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Done> {
    api.app.mark_unread(&agent.caller, uuid).await?;
    Ok(Done)
}
