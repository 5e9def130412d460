//! Files: taking them in, and handing them out.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use muster_app::media::{FileName, OpenFile, Upload};
use muster_core::media::{UNKNOWN_TYPE, UploadRules, is_shown};
use muster_core::{Entity, Error, Refusal};
use muster_http::body::{Form, FormFile, read_form};
use muster_http::query::Query;
use tokio_util::io::ReaderStream;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, RateLimitBody, Result};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::visitor::{InboxParams, Visitor, refused};
use crate::wire::agent::User;
use crate::wire::media::{AvatarForm, ChatMediaForm, Media, MediaForm};
use crate::wire::widget::ChatMessage;

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// Bytes that are read and sent at a time.
const PIECE: usize = 64 * 1024;
/// Nothing in a file runs, loads or sends anything, wherever it is opened.
const SEALED: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");

/// Uploads a file, which belongs to nothing until a message is sent with it; unused it goes after fifteen days.
#[utoipa::path(
    post,
    path = "/api/v1/media",
    tag = "media",
    request_body(content = MediaForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The file", body = Envelope<Media>),
        (status = 413, description = "The file is too large", body = ErrorBody)
    )
)]
pub(crate) async fn upload(State(api): State<Api>, agent: Agent, request: Request) -> Result<Reply<Media>> {
    let rules = api.app.upload_rules().await?;
    let Form { fields, file } = read_form(&api.app, request, "files", rules).await?;
    let is_inline = fields.get("inline").is_some_and(|inline| matches!(inline.as_str(), "true" | "1"));
    let upload = upload_of(file.ok_or_else(no_file)?, is_inline);
    let media = api.app.upload(&agent.caller, upload).await?;
    let url = api.app.file_link(media.uuid);
    Ok(Reply(Media::new(media, url)))
}

/// Wire (observed, 2.7): this text.
fn no_file() -> Failure {
    Failure::input("File not found")
}

pub(crate) fn upload_of(file: FormFile, is_inline: bool) -> Upload {
    let FormFile { filename, spool } = file;
    Upload { spool, filename, is_inline }
}

/// Gives the signed-in agent a picture. Nothing else of the agent can be changed here.
#[utoipa::path(
    put,
    path = "/api/v1/agents/me",
    tag = "agents",
    request_body(content = AvatarForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "The agent as it is now", body = Envelope<User>))
)]
pub(crate) async fn set_avatar(State(api): State<Api>, agent: Agent, request: Request) -> Result<Reply<User>> {
    let form = read_form(&api.app, request, "files", UploadRules::avatar()).await;
    let form = form.map_err(|error| of_avatar(Failure::from(error)))?;
    let profile = match form.file {
        Some(file) => {
            let set = api.app.set_my_avatar(&agent.caller, upload_of(file, false)).await;
            set.map_err(of_picture)?
        }
        None => api.app.my_profile(&agent.caller).await?,
    };
    Ok(Reply(User::new(&profile, api.app.now())))
}

/// Wire (observed, 2.7): what is no picture is refused in words of its own.
pub(crate) fn of_picture(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::FileType) => Failure::input("File type is not an image"),
        error => error.into(),
    }
}

/// Wire (observed, 2.7): 400 where other files are 413.
pub(crate) fn of_avatar(failure: Failure) -> Failure {
    if failure.is_too_large() {
        Failure::input("File size too large, please upload a file less than 2MB")
    } else {
        failure
    }
}

/// Takes the signed-in agent's picture away, if there is one.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/me/avatar",
    tag = "agents",
    responses((status = 200, description = "Done", body = Envelope<bool>))
)]
pub(crate) async fn remove_avatar(State(api): State<Api>, agent: Agent) -> Result<Done> {
    api.app.remove_my_avatar(&agent.caller).await?;
    Ok(Done)
}

/// Sends a visitor's file into a chat, as a message of its own.
#[utoipa::path(
    post,
    path = "/api/v1/widget/media/upload",
    tag = "widget",
    security(("visitor" = [])),
    params(InboxParams),
    request_body(content = ChatMediaForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The message", body = Envelope<ChatMessage>),
        (status = 404, description = "No such conversation", body = ErrorBody),
        (status = 413, description = "The file is too large", body = ErrorBody),
        (status = 429, description = "Too many calls from this address, or messages of this visitor", body = RateLimitBody)
    )
)]
pub(crate) async fn upload_by_visitor(
    State(api): State<Api>,
    visitor: Visitor,
    request: Request,
) -> Result<Reply<ChatMessage>> {
    let rules = api.app.visitor_upload_rules(&visitor.caller).await.map_err(refused)?;
    api.limits.count_message(visitor.contact.id, api.app.now())?;
    let Form { fields, file } = read_form(&api.app, request, "files", rules).await?;
    let named = fields.get("conversation_uuid").map(String::as_str).unwrap_or_default();
    let conversation = ids::uuid(named).ok_or_else(|| Failure::invalid("conversation_uuid"))?;
    let upload = upload_of(file.ok_or_else(no_file)?, false);
    let view = api.app.visitor_upload(&visitor.caller, conversation, upload).await.map_err(refused)?;
    Ok(Reply(ChatMessage::from(&view)))
}

/// Hands out a file: to an agent who may read what it belongs to, or to whoever has its signed address.
///
/// Wire (observed, 2.7): `?download=1` has it kept and not shown; the statuses. Images of four kinds are shown; all else
/// is kept.
pub(crate) async fn download(
    State(api): State<Api>,
    name: std::result::Result<Path<String>, PathRejection>,
    query: Query,
    request: Request,
) -> Result<Response> {
    let name = name.ok().and_then(|Path(name)| FileName::parse(&name)).ok_or(Error::NotFound(Entity::Media))?;
    let agent = request.extensions().get::<Agent>();
    let file = match agent {
        Some(agent) => api.app.file(&agent.caller, name).await?,
        None => by_link(&api, name, &query).await?,
    };
    let is_download = query.get("download").is_some_and(|download| matches!(download, "1" | "true"));
    let mut response = Body::from_stream(ReaderStream::with_capacity(file.stored.bytes, PIECE)).into_response();
    *response.headers_mut() = headers(&file.media, file.is_thumbnail, file.stored.size, is_download, agent.is_some());
    Ok(response)
}

async fn by_link(api: &Api, name: FileName, query: &Query) -> Result<OpenFile> {
    let (exp, sig) = (query.get("exp").unwrap_or_default(), query.get("sig").unwrap_or_default());
    api.app.file_by_link(name, exp, sig).await.map_err(|error| match error {
        Error::Refused(Refusal::LinkExpired) => Failure::permission("Invalid or expired media URL"),
        error => error.into(),
    })
}

fn headers(media: &muster_core::media::Media, is_thumbnail: bool, size: u64, keep: bool, by_agent: bool) -> HeaderMap {
    let content_type = if is_thumbnail { "image/png" } else { media.content_type.as_str() };
    let kind = if is_shown(content_type) && !keep { "inline" } else { "attachment" };
    let disposition = muster_core::media::disposition(kind, &media.filename);
    // An address is good for an hour; a right can be taken away any moment.
    let (corp, caching) =
        if by_agent { ("same-origin", "no-store") } else { ("cross-origin", "private, max-age=3600") };
    let text = |text: &str, other: &'static str| {
        HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(other))
    };
    HeaderMap::from_iter([
        (CONTENT_TYPE, text(content_type, UNKNOWN_TYPE)),
        (CONTENT_LENGTH, HeaderValue::from(size)),
        (CONTENT_DISPOSITION, text(&disposition, "attachment")),
        (CONTENT_SECURITY_POLICY, SEALED),
        (CORP, HeaderValue::from_static(corp)),
        (CACHE_CONTROL, HeaderValue::from_static(caching)),
    ])
}
