//! How often one client address may call.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
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

    /// Counts a call. `Ok` is what its answer has to say of the limit; `Err` is the answer.
    pub(crate) fn check(&self, rule: Rule, client: IpAddr, now: Timestamp) -> Result<Remaining, Response> {
        if !self.enabled {
            return Ok(Remaining(HeaderMap::new()));
        }
        let window = match rule {
            Rule::Auth => &self.auth,
            Rule::Widget => &self.widget,
        };
        let verdict = window.check(&client, now);
        let remaining = Remaining::of(verdict);
        if verdict.allowed { Ok(remaining) } else { Err(remaining.on(refusal())) }
    }
}

/// The headers that tell of a limit.
#[derive(Debug)]
pub(crate) struct Remaining(HeaderMap);

impl Remaining {
    fn of(verdict: Verdict) -> Self {
        let Verdict { allowed: _, limit, remaining, reset } = verdict;
        Self(HeaderMap::from_iter([
            (LIMIT, HeaderValue::from(limit)),
            (REMAINING, HeaderValue::from(remaining)),
            (RESET, HeaderValue::from(reset)),
        ]))
    }

    pub(crate) fn on(self, mut response: Response) -> Response {
        response.headers_mut().extend(self.0);
        response
    }
}

/// Wire (observed, 2.7): this answer has neither `data` nor `error_type`.
fn refusal() -> Response {
    let body = RateLimitBody { status: ErrorStatus::Error, message: "Rate limit exceeded" };
    let body = serde_json::to_vec(&body).expect("texts become JSON");
    let headers = [(CONTENT_TYPE, JSON), (RETRY_AFTER, HeaderValue::from_static("60"))];
    (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response()
}
