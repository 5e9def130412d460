//! The pages that are written here, not built.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::missing;

const MISSING: &str = include_str!("../pages/missing.html");

/// Takes the place of a page that this program was built without.
pub(crate) fn missing_page() -> Response {
    let why = missing().unwrap_or("the build made no such page");
    let page = MISSING.replace("{why}", &escaped(why));
    (StatusCode::SERVICE_UNAVAILABLE, html(page)).into_response()
}

/// A page as HTML that no browser keeps.
pub(crate) fn html(page: impl Into<String>) -> impl axum::response::IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, page.into())
}

/// A text as HTML shows it, in an attribute too.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
