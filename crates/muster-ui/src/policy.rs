//! What the pages may do in a browser.

use axum::http::HeaderValue;

const CONSOLE: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: \
                       blob:; media-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; \
                       form-action 'self'; frame-ancestors ";

/// The policy of a page that frames of `ancestors` may show, such as `'none'` or `'self' shop.example.org`.
pub(crate) fn policy(ancestors: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("{CONSOLE}{ancestors}"))
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}
