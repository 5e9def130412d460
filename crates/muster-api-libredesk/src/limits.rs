//! How often one client address may call.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use muster_core::Timestamp;
use muster_http::json;
use muster_http::limit::{SlidingWindow, Verdict};

use crate::error::{ErrorStatus, RateLimitBody};
use crate::reply::JSON;

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
        if let Some(verdict) = &self.0 {
            verdict.note_on(response.headers_mut(), verdict.reset);
        }
        response
    }
}

// Wire (observed, 2.7): this answer has neither `data` nor `error_type`.
/// The answer to a call above the limit.
pub(crate) fn refusal() -> Response {
    let body = RateLimitBody { status: ErrorStatus::Error, message: "Rate limit exceeded" };
    let mut response = json::response(StatusCode::TOO_MANY_REQUESTS, JSON, &body);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
    response
}
