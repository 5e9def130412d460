//! What handlers take from a request: its body, and ids in its path.

use std::convert::Infallible;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use muster_http::body::{decode_any_body, decode_body};
use muster_http::path::number;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::error::{Failure, SOMETHING_WENT_WRONG};

/// A body in JSON, or a form with fields of the same names.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        decode_body(request).await.map(Self)
    }
}

/// The same where JSON need not be an object.
#[derive(Debug)]
pub(crate) struct AnyBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for AnyBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        decode_any_body(request).await.map(Self)
    }
}

// Wire (documented, "Update agent", 2025-09): the id is a string, required.
/// The id in a path, as the OpenAPI document shows it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes what PathId reads")]
pub(crate) struct IdPath {
    /// A number from 1 on.
    #[param(pattern = "^[1-9][0-9]{0,17}$")]
    id: String,
}

/// The word in the path, or 400 if it is no text.
#[derive(Debug, Clone)]
pub(crate) struct PathWord(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathWord {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        text.map(|Path(text)| Self(text)).map_err(|_| Failure::input(SOMETHING_WENT_WRONG))
    }
}

/// The number in the path, if it is one from 1 on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathId(Option<i64>);

impl PathId {
    /// The number, or the refusal that this route has for anything else.
    pub(crate) fn or(self, message: &'static str) -> Result<i64, Failure> {
        self.0.ok_or_else(|| Failure::input(message))
    }

    /// The number, or the refusal most routes have for anything else.
    pub(crate) fn get(self) -> Result<i64, Failure> {
        self.or(SOMETHING_WENT_WRONG)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        Ok(Self(text.and_then(|Path(text)| number(&text))))
    }
}
