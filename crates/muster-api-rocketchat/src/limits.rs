//! How often a route may be called.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::Method;
use axum::response::Response;
use muster_core::Timestamp;
use muster_core::id::AgentId;
use muster_http::limit::{SlidingWindow, Verdict};

use crate::error::Failure;

// Wire (documented): ten calls in a minute.
const CALLS: usize = 10;
const WINDOW: Duration = Duration::from_secs(60);

/// What calls are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Counter {
    pub(crate) method: Method,
    /// As the route table spells it.
    pub(crate) route: String,
    pub(crate) client: IpAddr,
    /// `None` before sign-in.
    pub(crate) agent: Option<AgentId>,
}

#[derive(Debug)]
pub(crate) struct Limits {
    enabled: bool,
    calls: SlidingWindow<Counter>,
}

impl Limits {
    pub(crate) fn new(enabled: bool) -> Self {
        Self { enabled, calls: SlidingWindow::new(CALLS, WINDOW) }
    }

    /// Counts a call.
    pub(crate) fn count(&self, counter: &Counter, now: Timestamp) -> Counted {
        Counted(self.enabled.then(|| self.calls.check(counter, now)))
    }
}

/// A call that was counted, unless limits are turned off.
#[derive(Debug)]
pub(crate) struct Counted(Option<Verdict>);

impl Counted {
    /// A call that no limit holds for.
    pub(crate) const UNLIMITED: Self = Self(None);

    /// # Errors
    /// 429 for a call above the limit.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Failure> {
        match self.0 {
            Some(verdict) if !verdict.allowed => Err(Failure::too_many(verdict.retry_after(now))),
            _ => Ok(()),
        }
    }

    /// Writes on the call's answer what is left of the limit.
    pub(crate) fn note_on(&self, mut response: Response) -> Response {
        if let Some(verdict) = self.0 {
            // Wire (documented): in milliseconds since 1970.
            verdict.note_on(response.headers_mut(), verdict.reset.saturating_mul(1000));
        }
        response
    }
}
