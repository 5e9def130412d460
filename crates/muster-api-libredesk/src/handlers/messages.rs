//! What is said in a conversation.

use axum::extract::State;
use muster_app::messages::{MessageFilter, NewReply};
use muster_core::message::ContentType;
use muster_core::view::MessageView;
use muster_core::{Entity, Error};
use muster_http::paging::Page;
use muster_http::query::Query;

use super::conversations::attached;
use crate::Api;
use crate::auth::Agent;
use crate::error::{BAD_REQUEST, ErrorBody, Failure, NOT_FOUND, Result, SOMETHING_WENT_WRONG};
use crate::extract::Body;
use crate::ids::{ConversationUuid, MessageUuids};
use crate::query::{ListQuery as _, page_of, request};
use crate::reply::{Done, Envelope, Reply};
use crate::wire::conversation_work::DeletedNote;
use crate::wire::message::{DELETED_NOTE, Message, MessageRequest, MessageType, mentions};

/// Lists the messages of a conversation, the newest first: notes and activities among them.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{uuid}/messages",
    tag = "messages",
    params(
        ("uuid" = uuid::Uuid, Path, description = "The conversation"),
        ("page" = Option<i64>, Query, description = "From 1"),
        ("page_size" = Option<i64>, Query, description = "1 to 500; 30 when absent"),
        ("private" = Option<bool>, Query, description = "Only what the contact doesn't see, or only what it sees"),
        ("type" = Option<Vec<String>>, Query, description = "`incoming`, `outgoing` or `activity`; may come several times")
    ),
    responses(
        (status = 200, description = "A page of messages", body = Envelope<Page<Message>>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn list(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    query: Query,
) -> Result<Reply<Page<Message>>> {
    let paging = query.paging();
    let found = api.app.messages(&agent.caller, uuid, request(paging), filter(&query)?).await?;
    Ok(Reply(page_of(&found, paging, |view| shown_to(&agent, view))))
}

fn shown_to(agent: &Agent, view: &MessageView) -> Message {
    if agent.session.is_none() { Message::for_program(view) } else { view.into() }
}

fn filter(query: &Query) -> Result<MessageFilter> {
    let mut kinds = Vec::new();
    for word in query.all("type") {
        kinds.extend_from_slice(MessageType::kinds(word).ok_or_else(|| Failure::invalid("type"))?);
    }
    Ok(MessageFilter { private: query.flag("private")?, kinds })
}

/// Shows a message.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{uuid}/messages/{message_uuid}",
    tag = "messages",
    params(
        ("uuid" = uuid::Uuid, Path, description = "The conversation"),
        ("message_uuid" = uuid::Uuid, Path, description = "The message")
    ),
    responses(
        (status = 200, description = "The message", body = Envelope<Message>),
        (status = 404, description = "No such conversation or message", body = ErrorBody)
    )
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, uuids: MessageUuids) -> Result<Reply<Message>> {
    let view = api.app.message(&agent.caller, uuids.conversation, uuids.message).await?;
    Ok(Reply(shown_to(&agent, &view)))
}

/// Writes a message: a reply, a note, or something in the contact's name.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{uuid}/messages",
    tag = "messages",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = MessageRequest,
    responses(
        (status = 200, description = "The message", body = Envelope<Message>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn send(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(request): Body<MessageRequest>,
) -> Result<Reply<Message>> {
    let view = api.app.send_message(&agent.caller, uuid, new_reply(request)?).await?;
    Ok(Reply(Message::from(&view)))
}

/// Takes a note back, whoever wrote it: its words are gone, that it was stays.
#[utoipa::path(
    delete,
    path = "/api/v1/conversations/{uuid}/messages/{message_uuid}",
    tag = "messages",
    params(
        ("uuid" = uuid::Uuid, Path, description = "The conversation"),
        ("message_uuid" = uuid::Uuid, Path, description = "The note")
    ),
    responses(
        (status = 200, description = "What it says from now on", body = Envelope<DeletedNote>),
        (status = 404, description = "No such conversation, or no note of it that is still there", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, uuids: MessageUuids) -> Result<Reply<DeletedNote>> {
    let deleted = api.app.delete_note(&agent.caller, uuids.conversation, uuids.message).await;
    deleted.map_err(|error| match error {
        Error::NotFound(Entity::Message) => Failure::not_found(NOT_FOUND),
        error => error.into(),
    })?;
    Ok(Reply(DeletedNote { content: DELETED_NOTE }))
}

/// Sends a reply of the signed-in agent again that could not be sent.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/messages/{message_uuid}/retry",
    tag = "messages",
    params(
        ("uuid" = uuid::Uuid, Path, description = "The conversation"),
        ("message_uuid" = uuid::Uuid, Path, description = "The message")
    ),
    responses(
        (status = 200, description = "On its way again", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn retry(State(api): State<Api>, agent: Agent, uuids: MessageUuids) -> Result<Done> {
    let retried = api.app.retry_message(&agent.caller, uuids.conversation, uuids.message).await;
    retried.map_err(|error| match error {
        Error::Invalid { field: "message", .. } => Failure::input(BAD_REQUEST),
        error => error.into(),
    })?;
    Ok(Done)
}

fn new_reply(request: MessageRequest) -> Result<NewReply> {
    let MessageRequest { message, sender_type, private, attachments, mentions: called, echo_id } = request;
    let private = private.unwrap_or(false);
    let as_contact = match sender_type.as_deref() {
        Some("agent") => false,
        Some("contact") if private => return Err(Failure::input(BAD_REQUEST)),
        Some("contact") => true,
        _ => return Err(Failure::input(SOMETHING_WENT_WRONG)),
    };
    Ok(NewReply {
        content: message.unwrap_or_default(),
        content_type: ContentType::Html,
        private,
        as_contact,
        client_ref: echo_id.filter(|echo| !echo.is_empty()),
        meta: serde_json::Map::new(),
        mentions: mentions(called.as_deref().unwrap_or_default())?,
        attachments: attached(attachments),
    })
}
