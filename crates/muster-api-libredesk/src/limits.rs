//! How often one client address may call.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use muster_core::Timestamp;
use muster_http::limit::{SlidingWindow, Verdict};

use crate::error::{ErrorStatus, RateLimitBody};
use crate::reply::JSON;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Which limit a route falls under. Wire (documented): a minute's calls by client address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Signing in and everything that leads to a password: 30.
    Auth,
    /// Everything a chat widget calls: 100.
    Widget,
}

const WINDOW: Duration = Duration::from_secs(60);

/// Counts the calls under each rule.
#[derive(Debug)]
pub(crate) struct Limits {
    enabled: bool,
    auth: SlidingWindow<IpAddr>,
    widget: SlidingWindow<IpAddr>,
}

impl Limits {
    pub(crate) fn new(enabled: bool) -> Self {
        Self { enabled, auth: SlidingWindow::new(30, WINDOW), widget: SlidingWindow::new(100, WINDOW) }
    }

    /// Counts a call.
    pub(crate) fn count(&self, rule: Rule, client: IpAddr, now: Timestamp) -> Counted {
        let window = match rule {
            Rule::Auth => &self.auth,
            Rule::Widget => &self.widget,
        };
        Counted(self.enabled.then(|| window.check(&client, now)))
    }
}

/// A call that was counted, unless limits are turned off.
#[derive(Debug)]
pub(crate) struct Counted(Option<Verdict>);

impl Counted {
    pub(crate) fn may_pass(&self) -> bool {
        self.0.is_none_or(|verdict| verdict.allowed)
    }

    /// Writes on the call's answer what is left of the limit.
    pub(crate) fn note_on(&self, mut response: Response) -> Response {
        if let Some(Verdict { allowed: _, limit, remaining, reset }) = self.0 {
            let headers = response.headers_mut();
            headers.insert(LIMIT, HeaderValue::from(limit));
            headers.insert(REMAINING, HeaderValue::from(remaining));
            headers.insert(RESET, HeaderValue::from(reset));
        }
        response
    }
}

// Wire (observed, 2.7): this answer has neither `data` nor `error_type`.
/// The answer to a call above the limit.
pub(crate) fn refusal() -> Response {
    let body = RateLimitBody { status: ErrorStatus::Error, message: "Rate limit exceeded" };
    let body = serde_json::to_vec(&body).expect("texts become JSON");
    let headers = [(CONTENT_TYPE, JSON), (RETRY_AFTER, HeaderValue::from_static("60"))];
    (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response()
}
