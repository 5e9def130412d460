//! The envelope of what succeeded: the result's own fields, then `"success": true`.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};
use utoipa::__dev::ComposeSchema;
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

// Wire (documented): exactly this, without a character set.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A success with status 200.
#[derive(Debug)]
pub(crate) struct Reply<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        muster_http::json::response(StatusCode::OK, JSON, &self.0)
    }
}

/// Always `true`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Yes;

/// Always `false`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct No;

impl Serialize for Yes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl Serialize for No {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(false)
    }
}

/// What `#[derive(ToSchema)]` writes for types it knows.
impl ComposeSchema for Yes {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        always(true)
    }
}

impl ToSchema for Yes {}

impl ComposeSchema for No {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        always(false)
    }
}

impl ToSchema for No {}

fn always(value: bool) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([value])).build().into()
}

/// What commands answer that have nothing to show.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct Done {
    success: Yes,
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        Reply(self).into_response()
    }
}
