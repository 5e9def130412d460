//! What people may ask of the desk about themselves: to be forgotten, and to be told. Ours, in the product's manner.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{StreamExt as _, once};
use muster_app::privacy::Notes;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Result};
use crate::export::contact_document;
use crate::extract::{IdPath, PathId};
use crate::ids;
use crate::query::{ExportParams, ListQuery as _};
use crate::reply::{Done, Envelope, JSON};
use crate::wire::privacy::ContactExport;

/// Erases a contact, for good: names, addresses, sessions, and every word in their conversations. Conversations that
/// aren't resolved are closed. Numbers, times and who answered stay.
#[utoipa::path(
    post,
    path = "/api/v1/contacts/{id}/erase",
    tag = "contacts",
    params(IdPath),
    responses(
        (status = 200, description = "Erased", body = Envelope<bool>),
        (status = 404, description = "Contact not found, or erased before", body = ErrorBody)
    )
)]
pub(crate) async fn erase(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.erase_contact(&agent.caller, ids::contact(id)?).await?;
    Ok(Done)
}

/// Hands out everything the desk holds of a contact.
#[utoipa::path(
    get,
    path = "/api/v1/contacts/{id}/export",
    tag = "contacts",
    params(IdPath, ExportParams),
    responses(
        (status = 200, description = "All there is; broken off should it fail half-way", body = Envelope<ContactExport>),
        (status = 404, description = "Contact not found, or erased", body = ErrorBody)
    )
)]
pub(crate) async fn export(State(api): State<Api>, agent: Agent, id: PathId, query: Query) -> Result<Response> {
    let notes = if query.flag("notes")?.unwrap_or(false) { Notes::Included } else { Notes::LeftOut };
    let document = contact_document(api.app.clone(), agent.caller, ids::contact(id)?, notes).await?;
    let before = once(async { Ok("{\"status\":\"success\",\"data\":".to_owned()) });
    let behind = once(async { Ok("}".to_owned()) });
    let body = Body::from_stream(before.chain(document).chain(behind));
    Ok(([(CONTENT_TYPE, JSON)], body).into_response())
}
