//! Tags, and which of them a conversation has.

use axum::extract::State;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids::{self, ConversationUuid};
use crate::reply::{Done, Envelope, Reply};
use crate::wire::tag::{Tag, TagRequest, TagsRequest, change as tag_change};

/// Lists the tags, by name.
#[utoipa::path(
    get,
    path = "/api/v1/tags",
    tag = "tags",
    responses((status = 200, description = "Tags", body = Envelope<Vec<Tag>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Tag>>> {
    let tags = api.app.list_tags(&agent.caller).await?;
    Ok(Reply(tags.into_iter().map(Tag::from).collect()))
}

fn named(request: TagRequest) -> Result<String> {
    request.name.filter(|name| !name.trim().is_empty()).ok_or_else(|| Failure::empty("name"))
}

/// Creates a tag.
#[utoipa::path(
    post,
    path = "/api/v1/tags",
    tag = "tags",
    request_body = TagRequest,
    responses(
        (status = 200, description = "The new tag", body = Envelope<Tag>),
        (status = 409, description = "Tag already exists", body = ErrorBody)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<TagRequest>,
) -> Result<Reply<Tag>> {
    let tag = api.app.create_tag(&agent.caller, &named(request)?).await?;
    Ok(Reply(tag.into()))
}

/// Gives a tag another name.
#[utoipa::path(
    put,
    path = "/api/v1/tags/{id}",
    tag = "tags",
    params(IdPath),
    request_body = TagRequest,
    responses(
        (status = 200, description = "The tag as it is now", body = Envelope<Tag>),
        (status = 404, description = "Tag not found", body = ErrorBody),
        (status = 409, description = "Tag already exists", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<TagRequest>,
) -> Result<Reply<Tag>> {
    let tag = api.app.rename_tag(&agent.caller, ids::tag(id)?, &named(request)?).await?;
    Ok(Reply(tag.into()))
}

/// Deletes a tag; conversations that had it go without.
#[utoipa::path(
    delete,
    path = "/api/v1/tags/{id}",
    tag = "tags",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 404, description = "Tag not found", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_tag(&agent.caller, ids::tag(id)?).await?;
    Ok(Done)
}

/// Sets, adds or removes tags of a conversation.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{uuid}/tags",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = TagsRequest,
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn change(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(request): Body<TagsRequest>,
) -> Result<Done> {
    let names = request.tags.ok_or_else(|| Failure::empty("tags"))?;
    let change = tag_change(request.action.as_deref()).ok_or_else(|| Failure::invalid("action"))?;
    api.app.change_tags(&agent.caller, uuid, change, names).await?;
    Ok(Done)
}
