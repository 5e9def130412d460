//! What handlers take from a request: its body, and ids in its path.

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use muster_http::body::{content_type, decode, decode_json, read_body};
use serde_json::{Map, Value};

use crate::auth::check_permission;
use crate::error::{Failure, Result};
use crate::validate::{self, Parameters};

/// The body as declared parameters. Behind a guard that leaves the permission to it, checks that too.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: Parameters, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let permitted = check_permission(&parts);
        let parameters = validate::read(fields(Request::from_parts(parts, body)).await?)?;
        permitted.map(|()| Self(parameters))
    }
}

/// The body's fields as they were sent, for handlers that look at them themselves.
#[derive(Debug)]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        fields(request).await.map(Self)
    }
}

async fn fields(request: Request) -> Result<Map<String, Value>> {
    let headers = request.headers().clone();
    let bytes = read_body(request).await?;
    read_fields(&headers, &bytes)
}

/// Wire (documented): JSON; no body counts as `{}`. A form with fields of the same names is taken too, as curl sends it.
fn read_fields(headers: &HeaderMap, bytes: &[u8]) -> Result<Map<String, Value>> {
    match bytes.trim_ascii_start().first() {
        None => Ok(Map::new()),
        Some(b'{') => Ok(decode_json(bytes)?),
        Some(_) => Ok(decode(content_type(headers), bytes)?),
    }
}

/// The one id in the path, opaque.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        text.map(|Path(text)| Self(text)).map_err(|_| unreadable())
    }
}

/// Two parts of the path.
#[derive(Debug)]
pub(crate) struct PathPair(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathPair {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await;
        texts.map(|Path((one, other))| Self(one, other)).map_err(|_| unreadable())
    }
}

fn unreadable() -> Failure {
    Failure::plain("The address can't be read")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::CONTENT_TYPE;
    use serde_json::json;

    use super::*;

    fn read(kind: &'static str, body: &str) -> Option<Value> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        read_fields(&headers, body.as_bytes()).ok().map(Value::Object)
    }

    #[test]
    fn a_body_is_an_object_or_a_form_or_nothing() {
        let form = "application/x-www-form-urlencoded";
        assert_eq!(read("application/json", " "), Some(json!({})));
        assert_eq!(read("application/json", "{\"a\":1}"), Some(json!({"a": 1})));
        assert_eq!(read(form, "{\"a\":1}"), Some(json!({"a": 1})));
        assert_eq!(read(form, "user=kim&password=a%20b"), Some(json!({"user": "kim", "password": "a b"})));
        for broken in ["[1]", "7", "{\"a\":", "nonsense"] {
            assert_eq!(read("application/json", broken), None, "{broken}");
        }
    }
}
