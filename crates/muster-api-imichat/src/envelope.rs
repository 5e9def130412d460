//! What every answer looks like.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use muster_http::json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::codes::Code;

/// Content type of every answer.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

// Wire (documented, "Update user"): the three keys; (chosen) in this order.
/// Every body, whatever came out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    /// The outcome's number.
    pub(crate) status_code: u16,
    /// What the number stands for.
    pub(crate) description: &'static str,
    /// What was read, changed or created.
    pub(crate) response: T,
}

/// A success.
#[derive(Debug)]
pub(crate) struct Reply<T>(pub(crate) Code, pub(crate) T);

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let Self(code, response) = self;
        enveloped(code, code.status, &response)
    }
}

/// An outcome's envelope. The status is the code's own but for what passes by itself.
pub(crate) fn enveloped(code: Code, status: StatusCode, response: &impl Serialize) -> Response {
    let Code { number, status: _, description } = code;
    json::response(status, JSON, &Envelope { status_code: number, description, response })
}
