//! What stands on every answer: its transaction's id, and what is left of the day's calls.

use axum::extract::{Request, State};
use axum::http::header::ACCESS_CONTROL_REQUEST_METHOD;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use muster_app::integrations::DailyCount;

use crate::Api;

// Wire (documented): these four on every answer.
const TRANSACTION: HeaderName = HeaderName::from_static("trxid");
const LIMIT: HeaderName = HeaderName::from_static("rate-limit-limit");
const REMAINING: HeaderName = HeaderName::from_static("rate-limit-remaining");
const RESET: HeaderName = HeaderName::from_static("rate-limit-reset");

/// Where the layers put a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Stamps the answer, unless it is a browser's question beforehand.
pub(crate) async fn stamp(State(api): State<Api>, request: Request, next: Next) -> Response {
    if is_preflight(&request) {
        return next.run(request).await;
    }
    let mut response = next.run(request).await;
    let count = response.extensions().get().copied().unwrap_or_else(|| untouched(&api));
    let DailyCount { allowed: _, limit, remaining, resets_at } = count;
    let headers = response.headers_mut();
    if let Some(id) = headers.get(REQUEST_ID).cloned() {
        headers.insert(TRANSACTION, id);
    }
    headers.insert(LIMIT, HeaderValue::from(limit));
    headers.insert(REMAINING, HeaderValue::from(remaining));
    // Wire (chosen): RFC 3339, UTC.
    let reset = HeaderValue::try_from(resets_at.to_string()).expect("an instant is written in visible ASCII");
    headers.insert(RESET, reset);
    response
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// What a call shows that no key was charged with.
pub(crate) fn untouched(api: &Api) -> DailyCount {
    let limit = api.settings.daily_limit;
    DailyCount { allowed: true, limit, remaining: limit, resets_at: api.app.day_end() }
}
