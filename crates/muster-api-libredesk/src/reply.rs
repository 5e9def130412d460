//! The envelope of what succeeded.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use muster_http::json;
use serde::Serialize;
use utoipa::ToSchema;

/// Content type of every answer but pages, files and transcripts.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// What every success looks like.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    pub(crate) status: SuccessStatus,
    pub(crate) data: T,
}

/// Always `success`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SuccessStatus {
    Success,
}

/// A success with status 200.
#[derive(Debug)]
pub(crate) struct Reply<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let body = Envelope { status: SuccessStatus::Success, data: self.0 };
        json::response(StatusCode::OK, JSON, &body)
    }
}

/// What commands answer that have nothing to show: always `true`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        Reply(true).into_response()
    }
}
