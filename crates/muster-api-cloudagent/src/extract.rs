//! What handlers take from a request beside the call itself.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use muster_http::query::Query;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::auth::Fields;
use crate::error::Failure;

/// What a body is read as.
pub(crate) trait Wire: DeserializeOwned {
    /// Names that clients use for others: first theirs, then the documented one.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
}

/// The fields of a body.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: Wire, S: Send + Sync> FromRequestParts<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let Fields(fields) = parts.extensions.remove().ok_or_else(Failure::malformed)?;
        let fields = documented(fields, T::ALIASES);
        serde_json::from_value(Value::Object(fields)).map(Self).map_err(|_| Failure::malformed())
    }
}

/// The fields under their documented names; where both are there the documented one counts.
pub(crate) fn documented(mut fields: Map<String, Value>, aliases: &[(&str, &str)]) -> Map<String, Value> {
    for (alias, name) in aliases {
        if let Some(value) = fields.remove(*alias) {
            fields.entry(*name).or_insert(value);
        }
    }
    fields
}

/// The query of an edit, as the OpenAPI document shows it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what Detailed reads")]
pub(crate) struct DetailedQuery {
    /// `true` asks for a detailed success body; anything else is ignored.
    #[param(rename = "detailedResponse")]
    detailed_response: Option<bool>,
}

// Wire (documented, "Edit Agent Details": any other value is ignored; chosen: `true` in any case).
/// Whether a detailed answer is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detailed(pub(crate) bool);

impl<S: Sync> FromRequestParts<S> for Detailed {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = Query::of(&parts.uri);
        Ok(Self(query.get("detailedResponse").is_some_and(|value| value.eq_ignore_ascii_case("true"))))
    }
}
