//! What handlers take from a request: its body, the user in its path, the page in its query.

use std::convert::Infallible;

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use muster_core::id::AgentId;
use muster_http::body::{decode_json, read_body};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::IntoParams;

use crate::codes;
use crate::error::Failure;

/// A JSON object, whatever its content type says.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    // Wire (chosen): blanks and `null` are no body; what isn't an object is invalid.
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let bytes = read_body(request).await?;
        if bytes.trim_ascii().is_empty() {
            return Err(codes::NO_BODY.into());
        }
        match decode_json::<Value>(&bytes)? {
            Value::Null => Err(codes::NO_BODY.into()),
            fields @ Value::Object(_) => match serde_json::from_value(fields) {
                Ok(read) => Ok(Self(read)),
                Err(_) => Err(Failure::invalid("a field is not of its type")),
            },
            _ => Err(Failure::invalid("the body is not an object")),
        }
    }
}

/// The team that a call is made for, as the OpenAPI document shows it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes what the guard reads")]
pub(crate) struct TeamHeader {
    /// A team that the key is shared with; also read from `team_id`.
    teamid: i64,
}

/// The user in a path, as the OpenAPI document shows it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes what UserRef reads")]
pub(crate) struct UserPath {
    /// The user's number, or the login ID.
    user_id: String,
}

// Wire (chosen): what isn't a number is a login.
/// The user in the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UserRef {
    Id(AgentId),
    Login(String),
    /// What nobody can be called.
    Nobody,
}

impl<S: Send + Sync> FromRequestParts<S> for UserRef {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        Ok(text.map_or(Self::Nobody, |Path(text)| Self::parse(text)))
    }
}

impl UserRef {
    fn parse(text: String) -> Self {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map_or(Self::Nobody, |id| Self::Id(AgentId(id)));
        }
        Self::Login(text)
    }
}

/// Users on a page. Wire (documented).
pub(crate) const PER_PAGE: usize = 10;

/// Which page is asked for, as the OpenAPI document shows it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what PageNumber reads leniently")]
pub(crate) struct PageParams {
    /// From 1; what isn't such a number is the first.
    page: Option<u32>,
}

// Wire (chosen): from 1, and 1 for whatever else is sent.
/// Which page is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageNumber(pub(crate) usize);

impl<S: Sync> FromRequestParts<S> for PageNumber {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
        let last = pairs.iter().rev().find(|(name, _)| name == "page");
        let page = last.and_then(|(_, value)| value.parse().ok()).filter(|page| *page >= 1);
        Ok(Self(page.unwrap_or(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ids_and_everything_else_is_a_login() {
        assert_eq!(UserRef::parse("42".to_owned()), UserRef::Id(AgentId(42)));
        for login in ["ana", "-1", "+7", "7x", "4.2", "٧"] {
            assert_eq!(UserRef::parse(login.to_owned()), UserRef::Login(login.to_owned()));
        }
        for nobody in ["", "9223372036854775808"] {
            assert_eq!(UserRef::parse(nobody.to_owned()), UserRef::Nobody);
        }
    }
}
