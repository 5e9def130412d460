//! What chat widgets call. Every route names its inbox in the header `X-Libredesk-Inbox-ID` or in
//! the query `inbox_id`; a visitor's session goes as a bearer token.

use axum::extract::State;
use axum::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::IntoResponse;
use muster_app::auth::Origin;
use muster_app::livechat::VisitorStart;
use muster_core::actor::{Actor, Caller, Via};
use muster_http::auth::bearer;
use muster_http::request::caller;

use crate::Api;
use crate::auth::Stranger;
use crate::error::{ErrorBody, Failure, RateLimitBody, Result};
use crate::extract::Body;
use crate::ids::ConversationUuid;
use crate::reply::{Done, Envelope, Reply};
use crate::visitor::{ChatInbox, InboxParams, Visitor, merge, refused};
use crate::wire::widget::{
    Chat, ChatConversation, ChatMessage, ChatMessageRequest, ChatRequest, ChatUser, ExchangeRequest, Exchanged,
    StartedChat,
};
use crate::wire::widget_settings::{LauncherSettings, WidgetSettings};

const ANY_ORIGIN: (HeaderName, HeaderValue) = (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));

/// Shows what the page needs to draw the button that opens the widget.
#[utoipa::path(
    get,
    path = "/api/v1/widget/chat/settings/launcher",
    tag = "widget",
    security(()),
    params(InboxParams),
    responses(
        (status = 200, description = "The launcher", body = Envelope<LauncherSettings>),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn launcher(ChatInbox { config, .. }: ChatInbox) -> impl IntoResponse {
    // Wire (observed, 2.7): the one route that any page's script may read.
    ([ANY_ORIGIN], Reply(LauncherSettings::from(config)))
}

/// Shows the configuration of the widget.
#[utoipa::path(
    get,
    path = "/api/v1/widget/chat/settings",
    tag = "widget",
    security(()),
    params(InboxParams),
    responses(
        (status = 200, description = "The configuration", body = Envelope<WidgetSettings>),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn settings(
    State(api): State<Api>,
    ChatInbox { config, .. }: ChatInbox,
) -> Result<Reply<WidgetSettings>> {
    let attributes = api.app.form_attributes().await?;
    let office = if config.show_office_hours_in_chat { Some(api.app.office_hours().await?) } else { None };
    Ok(Reply(WidgetSettings::new(config, &attributes, office)))
}

/// Opens a session for whoever the page's owner vouches for, by a JSON Web Token signed with the inbox's secret (HS256).
///
/// The token says `external_user_id`, `email`, `first_name` and `exp`, and perhaps `last_name`, `phone_number`,
/// `phone_number_country_code` and `contact_custom_attributes`; what the desk knows of the contact follows it. With the
/// header `X-Libredesk-Visitor-Token` the contact is given what was theirs as a visitor; the answer carries
/// `X-Libredesk-Clear-Visitor: true` when that token is of no use any more. So does every call with the session.
#[utoipa::path(
    post,
    path = "/api/v1/widget/chat/auth/exchange",
    tag = "widget",
    security(()),
    params(InboxParams),
    request_body = ExchangeRequest,
    responses(
        (status = 200, description = "The session; its token is shown this once", body = Envelope<Exchanged>),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn exchange(
    State(api): State<Api>,
    ChatInbox { inbox, .. }: ChatInbox,
    Stranger(origin): Stranger,
    parts: Parts,
    Body(request): Body<ExchangeRequest>,
) -> Result<Reply<Exchanged>> {
    let origin = Origin { via: Via::Widget, ..origin };
    let jwt = request.jwt.filter(|jwt| !jwt.is_empty()).ok_or_else(|| Failure::input("jwt Required"))?;
    let identified = api.app.identify_visitor(&origin, inbox.uuid, &jwt).await.map_err(refused)?;
    let actor = Actor::Visitor { contact: identified.contact.id, inbox: inbox.id };
    merge(&api, &Caller { via: Via::Widget, ..caller(&parts, actor, None) }, &parts).await?;
    Ok(Reply(Exchanged { session_token: identified.token, user: ChatUser::from(&identified.contact) }))
}

/// Shows whose session it is.
#[utoipa::path(
    get,
    path = "/api/v1/widget/chat/auth/me",
    tag = "widget",
    security(("visitor" = [])),
    params(InboxParams),
    responses(
        (status = 200, description = "The visitor", body = Envelope<ChatUser>),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn me(visitor: Visitor) -> Reply<ChatUser> {
    Reply(ChatUser::from(&visitor.contact))
}

/// Starts a chat with its first message.
///
/// Without a session a visitor is made; the answer shows the token of its session this once.
#[utoipa::path(
    post,
    path = "/api/v1/widget/chat/conversations/init",
    tag = "widget",
    security((), ("visitor" = [])),
    params(InboxParams),
    request_body = ChatRequest,
    responses(
        (status = 200, description = "The chat", body = Envelope<StartedChat>),
        (status = 429, description = "Too many calls from this address, or chats of this visitor", body = RateLimitBody)
    )
)]
pub(crate) async fn start(
    State(api): State<Api>,
    ChatInbox { inbox, .. }: ChatInbox,
    Stranger(origin): Stranger,
    headers: HeaderMap,
    Body(request): Body<ChatRequest>,
) -> Result<Reply<StartedChat>> {
    let start = VisitorStart {
        inbox: inbox.uuid,
        token: bearer(&headers).map(ToOwned::to_owned),
        message: request.message.unwrap_or_default(),
        client_ref: request.echo_id.filter(|echo| !echo.is_empty()),
        form: request.form_data.unwrap_or_default(),
    };
    let origin = Origin { via: Via::Widget, ..origin };
    let started = api.app.visitor_start(&origin, start).await.map_err(refused)?;
    Ok(Reply(started.into()))
}

/// Lists the visitor's chats in this inbox, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/widget/chat/conversations",
    tag = "widget",
    security(("visitor" = [])),
    params(InboxParams),
    responses(
        (status = 200, description = "Chats", body = Envelope<Vec<ChatConversation>>),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn list(State(api): State<Api>, visitor: Visitor) -> Result<Reply<Vec<ChatConversation>>> {
    let chats = api.app.visitor_conversations(&visitor.caller).await.map_err(refused)?;
    Ok(Reply(chats.iter().map(ChatConversation::from).collect()))
}

/// Shows a chat with its latest 400 public messages, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/widget/chat/conversations/{uuid}",
    tag = "widget",
    security(("visitor" = [])),
    params(("uuid" = uuid::Uuid, Path, description = "The conversation"), InboxParams),
    responses(
        (status = 200, description = "The chat", body = Envelope<Chat>),
        (status = 404, description = "No such conversation", body = ErrorBody),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn get(
    State(api): State<Api>,
    visitor: Visitor,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Reply<Chat>> {
    let (conversation, messages) = api.app.visitor_conversation(&visitor.caller, uuid).await.map_err(refused)?;
    Ok(Reply(Chat::new(&conversation, &messages)))
}

/// Writes into a chat.
#[utoipa::path(
    post,
    path = "/api/v1/widget/chat/conversations/{uuid}/message",
    tag = "widget",
    security(("visitor" = [])),
    params(("uuid" = uuid::Uuid, Path, description = "The conversation"), InboxParams),
    request_body = ChatMessageRequest,
    responses(
        (status = 200, description = "The message", body = Envelope<ChatMessage>),
        (status = 404, description = "No such conversation", body = ErrorBody),
        (status = 429, description = "Too many calls from this address, or messages of this visitor", body = ErrorBody)
    )
)]
pub(crate) async fn send(
    State(api): State<Api>,
    visitor: Visitor,
    ConversationUuid(uuid): ConversationUuid,
    Body(request): Body<ChatMessageRequest>,
) -> Result<Reply<ChatMessage>> {
    api.limits.count_message(visitor.contact.id, api.app.now())?;
    let ChatMessageRequest { message, echo_id } = request;
    let message = message.unwrap_or_default();
    let echo_id = echo_id.as_deref().filter(|echo| !echo.is_empty());
    let view = api.app.visitor_send(&visitor.caller, uuid, &message, echo_id).await.map_err(refused)?;
    Ok(Reply(ChatMessage::from(&view)))
}

/// Marks a chat as read by the visitor.
#[utoipa::path(
    post,
    path = "/api/v1/widget/chat/conversations/{uuid}/update-last-seen",
    tag = "widget",
    security(("visitor" = [])),
    params(("uuid" = uuid::Uuid, Path, description = "The conversation"), InboxParams),
    responses(
        (status = 200, description = "Done", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn seen(
    State(api): State<Api>,
    visitor: Visitor,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Done> {
    api.app.visitor_seen(&visitor.caller, uuid).await.map_err(refused)?;
    Ok(Done)
}
