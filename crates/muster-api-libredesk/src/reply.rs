//! The envelope of what succeeded.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
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
        let body = serde_json::to_vec(&body).expect("wire types have text keys and no failing parts");
        ([(CONTENT_TYPE, JSON)], body).into_response()
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
