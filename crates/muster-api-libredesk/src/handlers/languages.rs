//! The languages of the front end, and its texts.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use muster_core::settings::LANGUAGES;

use crate::catalogue;
use crate::error::{ErrorBody, Failure, NOT_FOUND, Result};
use crate::extract::PathWord;
use crate::reply::{Envelope, JSON, Reply};
use crate::wire::settings::Language;

/// Lists the languages that there are texts in.
#[utoipa::path(
    get,
    path = "/api/v1/lang",
    tag = "settings",
    security(()),
    responses((status = 200, description = "Languages", body = Envelope<Vec<Language>>))
)]
pub(crate) async fn list() -> Reply<Vec<Language>> {
    Reply(LANGUAGES.iter().map(|(code, name)| Language { code, name }).collect())
}

/// Shows a language's texts by name. Texts with a singular and a plural hold both: `Agent | Agents`.
#[utoipa::path(
    get,
    path = "/api/v1/lang/{lang}",
    tag = "settings",
    security(()),
    params(("lang" = String, Path, description = "A code, such as `en-US`")),
    responses(
        (status = 200, description = "Texts, in no envelope", body = BTreeMap<String, String>),
        (status = 404, description = "No such language", body = ErrorBody)
    )
)]
pub(crate) async fn texts(PathWord(code): PathWord) -> Result<Response> {
    let texts = catalogue::texts(&code).ok_or_else(|| Failure::not_found(NOT_FOUND))?;
    Ok(([(CONTENT_TYPE, JSON)], texts).into_response())
}
