//! How often an account may call, and how often an address may fail to say who it is.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use muster_core::Timestamp;
use muster_core::id::IntegrationId;
use muster_http::limit::{SlidingWindow, Verdict};

use crate::auth::Endpoint;

const WINDOW: Duration = Duration::from_secs(60);
/// Wire (chosen): calls of one address that may fail to say who they are for, in a minute.
const FAILURES: usize = 60;

/// Counts calls by account and endpoint, and failures by address.
#[derive(Debug)]
pub(crate) struct Limits {
    enabled: bool,
    calls: BTreeMap<Endpoint, SlidingWindow<IntegrationId>>,
    failures: SlidingWindow<IpAddr>,
}

/// A call above a limit, with the seconds until one may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    pub(crate) retry_after: u64,
}

impl Limits {
    pub(crate) fn new(enabled: bool) -> Self {
        let limited = Endpoint::ALL.into_iter().filter_map(|endpoint| Some((endpoint, endpoint.calls_a_minute()?)));
        let calls = limited.map(|(endpoint, limit)| (endpoint, SlidingWindow::new(limit, WINDOW))).collect();
        Self { enabled, calls, failures: SlidingWindow::new(FAILURES, WINDOW) }
    }

    pub(crate) const fn is_enabled(&self) -> bool {
        self.enabled
    }

    // Wire (chosen): a call counts whatever comes of it; key and token share one count.
    /// Counts a call that an account vouches for.
    pub(crate) fn count(&self, endpoint: Endpoint, account: IntegrationId, now: Timestamp) -> Result<(), Exceeded> {
        match self.calls.get(&endpoint) {
            Some(window) if self.enabled => judge(window.check(&account, now), now),
            _ => Ok(()),
        }
    }

    /// Refuses an address that failed too often.
    pub(crate) fn check_failures(&self, client: IpAddr, now: Timestamp) -> Result<(), Exceeded> {
        if self.enabled { judge(self.failures.look(&client, now), now) } else { Ok(()) }
    }

    /// Counts a call whose sender could not say for whom it is.
    pub(crate) fn note_failure(&self, client: IpAddr, now: Timestamp) {
        self.failures.check(&client, now);
    }
}

fn judge(verdict: Verdict, now: Timestamp) -> Result<(), Exceeded> {
    if verdict.allowed { Ok(()) } else { Err(Exceeded { retry_after: verdict.retry_after(now) }) }
}
