//! Answers in JSON.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

/// An answer whose body is `body` in JSON.
///
/// # Panics
/// If `body` is no JSON: a map whose keys are no texts, or a failing `Serialize` of its own. Wire
/// types have neither.
pub fn response(status: StatusCode, content_type: HeaderValue, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("wire types have text keys and no failing parts");
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}
