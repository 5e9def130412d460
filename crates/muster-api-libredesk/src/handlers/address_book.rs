//! The address book: contacts, and what agents note down about them.

use axum::extract::{FromRequest as _, Request, State};
use axum::http::header::CONTENT_TYPE;
use muster_app::media::Upload;
use muster_core::media::UploadRules;
use muster_core::{Entity, Error, Why};
use muster_http::body::{Form, read_form};
use muster_http::paging::Page;
use muster_http::query::Query;

use serde_json::Value;

use super::media::{of_avatar, of_picture, upload_of};
use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, PARSING, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids::{self, ContactNoteIds, ConversationUuid};
use crate::query::{ListQuery as _, page_of, request};
use crate::reply::{Done, Envelope, Reply};
use crate::wire::contact::{
    BlockRequest, ContactCompact, ContactForm, ContactNote, ContactParams, ContactRequest, ContactUser, NoteRequest,
};
use crate::wire::listing::{contact_filter, contact_order};
use crate::wire::page_visit::PageVisit;

/// Wire (observed, 2.7): contacts have words of their own for what is absent, empty or taken.
fn told(error: Error) -> Failure {
    match error {
        Error::NotFound(Entity::Contact) => Failure::not_found("User not found"),
        Error::Conflict(Entity::Contact) => Failure::input("Another contact with same email already exists"),
        Error::Invalid { field, why: Why::Empty } => Failure::input(format!("{field} empty")),
        error => of_picture(error),
    }
}

/// Lists contacts, and visitors who have told an address; the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/contacts",
    tag = "contacts",
    params(ContactParams),
    responses((status = 200, description = "A page of contacts", body = Envelope<Page<ContactCompact>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Page<ContactCompact>>> {
    let paging = query.paging();
    let (filter, order) = (contact_filter(&query)?, contact_order(&query)?);
    let found = api.app.contacts(&agent.caller, filter, order, request(paging)).await?;
    let now = api.app.now();
    Ok(Reply(page_of(&found, paging, |contact| ContactCompact::new(contact, now))))
}

/// Shows a contact.
#[utoipa::path(
    get,
    path = "/api/v1/contacts/{id}",
    tag = "contacts",
    params(IdPath),
    responses(
        (status = 200, description = "The contact", body = Envelope<ContactUser>),
        (status = 404, description = "No such contact", body = ErrorBody)
    )
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<ContactUser>> {
    let contact = api.app.contact(&agent.caller, ids::contact(id)?).await.map_err(told)?;
    Ok(Reply(ContactUser::new(contact, api.app.now())))
}

/// Corrects a contact. A form in parts may hold a picture too, as part `files`.
#[utoipa::path(
    put,
    path = "/api/v1/contacts/{id}",
    tag = "contacts",
    params(IdPath),
    request_body(content((ContactRequest = "application/json"), (ContactForm = "multipart/form-data"))),
    responses(
        (status = 200, description = "The contact", body = Envelope<ContactUser>),
        (status = 404, description = "No such contact", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    request: Request,
) -> Result<Reply<ContactUser>> {
    let (request, picture) = correction(&api, request).await?;
    let id = ids::contact(id)?;
    let contact = api.app.update_contact(&agent.caller, id, request.into(), picture).await.map_err(told)?;
    Ok(Reply(ContactUser::new(contact, api.app.now())))
}

/// What is to be corrected, and the new picture if there is one.
async fn correction(api: &Api, request: Request) -> Result<(ContactRequest, Option<Upload>)> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        let Body(request) = Body::from_request(request, &()).await?;
        return Ok((request, None));
    }
    let form = read_form(&api.app, request, "files", UploadRules::avatar()).await;
    let Form { fields, file } = form.map_err(|error| of_avatar(Failure::from(error)))?;
    let fields = fields.into_iter().map(|(name, text)| (name, Value::String(text))).collect();
    let request = serde_json::from_value(Value::Object(fields)).map_err(|_| Failure::input(PARSING))?;
    Ok((request, file.map(|file| upload_of(file, false))))
}

/// Blocks a contact, whose sessions at widgets end, or lets them in again.
#[utoipa::path(
    put,
    path = "/api/v1/contacts/{id}/block",
    tag = "contacts",
    params(IdPath),
    request_body = BlockRequest,
    responses(
        (status = 200, description = "The contact", body = Envelope<ContactUser>),
        (status = 404, description = "No such contact", body = ErrorBody)
    )
)]
pub(crate) async fn block(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<BlockRequest>,
) -> Result<Reply<ContactUser>> {
    let contact = api.app.block_contact(&agent.caller, ids::contact(id)?, request.blocked()?).await.map_err(told)?;
    Ok(Reply(ContactUser::new(contact, api.app.now())))
}

/// Lists what agents have noted down about a contact, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/contacts/{id}/notes",
    tag = "contacts",
    params(IdPath),
    responses(
        (status = 200, description = "Notes", body = Envelope<Vec<ContactNote>>),
        (status = 404, description = "No such contact", body = ErrorBody)
    )
)]
pub(crate) async fn notes(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Vec<ContactNote>>> {
    let notes = api.app.contact_notes(&agent.caller, ids::contact(id)?).await.map_err(told)?;
    Ok(Reply(notes.into_iter().map(ContactNote::from).collect()))
}

/// Notes something down about a contact.
#[utoipa::path(
    post,
    path = "/api/v1/contacts/{id}/notes",
    tag = "contacts",
    params(IdPath),
    request_body = NoteRequest,
    responses(
        (status = 200, description = "The note", body = Envelope<ContactNote>),
        (status = 404, description = "No such contact", body = ErrorBody)
    )
)]
pub(crate) async fn note(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<NoteRequest>,
) -> Result<Reply<ContactNote>> {
    let note = request.note.unwrap_or_default();
    let view = api.app.note_contact(&agent.caller, ids::contact(id)?, &note).await.map_err(told)?;
    Ok(Reply(view.into()))
}

/// Deletes a note: the own, or anybody's for an administrator.
#[utoipa::path(
    delete,
    path = "/api/v1/contacts/{id}/notes/{note_id}",
    tag = "contacts",
    params(
        ("id" = String, Path, description = "The contact", pattern = "^[1-9][0-9]{0,17}$"),
        ("note_id" = String, Path, description = "The note", pattern = "^[1-9][0-9]{0,17}$")
    ),
    responses(
        (status = 200, description = "The note is gone", body = Envelope<bool>),
        (status = 404, description = "No such note on this contact", body = ErrorBody)
    )
)]
pub(crate) async fn delete_note(State(api): State<Api>, agent: Agent, ids: ContactNoteIds) -> Result<Done> {
    api.app.delete_contact_note(&agent.caller, ids.contact, ids.note).await.map_err(told)?;
    Ok(Done)
}

/// Lists the pages that a conversation's contact has looked at within a day, the newest first; at most 20.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{uuid}/page-visits",
    tag = "contacts",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "Visits", body = Envelope<Vec<PageVisit>>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn page_visits(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Reply<Vec<PageVisit>>> {
    let visits = api.app.page_visits(&agent.caller, uuid).await?;
    Ok(Reply(visits.iter().map(PageVisit::from).collect()))
}
