//! How often somebody may call, and how many sockets visitors may have open.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use muster_core::id::{AgentId, ContactId};
use muster_core::{Busy, Error, Timestamp};
use muster_http::client::network_of;
use muster_http::json;
use muster_http::limit::{SlidingWindow, Verdict};

use crate::error::{ErrorStatus, ErrorType, Failure, RateLimitBody, Result};
use crate::reply::JSON;
use crate::seats::{Seat, Seats};

/// Which limit a route falls under. Wire (documented): a minute's calls by client address; a network of IPv6 counts as
/// one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Signing in and everything that leads to a password: 30.
    Auth,
    /// Everything a chat widget calls: 100.
    Widget,
    /// What customers call without a session: 100.
    Public,
}

/// What visitors may do to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitorLimits {
    /// Sockets open at once.
    pub sockets: usize,
    /// Of these, sockets from one address.
    pub sockets_per_address: usize,
    /// Messages of one visitor in any minute.
    pub messages_per_minute: usize,
}

impl Default for VisitorLimits {
    fn default() -> Self {
        Self { sockets: 15_000, sockets_per_address: 500, messages_per_minute: 30 }
    }
}

const WINDOW: Duration = Duration::from_secs(60);
/// Sockets of one contact at a time. Wire (observed, 2.7).
const PER_CONTACT: usize = 10;
/// Sockets of one agent at a time: windows of browsers, and a program or two.
const PER_AGENT: usize = 50;

/// Counts the calls under each rule, and the open sockets.
#[derive(Debug)]
pub(crate) struct Limits {
    enabled: bool,
    auth: SlidingWindow<IpAddr>,
    widget: SlidingWindow<IpAddr>,
    public: SlidingWindow<IpAddr>,
    messages: SlidingWindow<ContactId>,
    visitors: Seats<()>,
    addresses: Seats<IpAddr>,
    pub(crate) contacts: Seats<ContactId>,
    agents: Seats<AgentId>,
}

/// A visitor's socket, counted for the desk and for its address.
#[derive(Debug)]
pub(crate) struct Entrance {
    _visitor: Seat<()>,
    _address: Option<Seat<IpAddr>>,
}

/// Why a visitor's socket isn't let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The address has had its share: 429.
    Address,
    /// The desk has no more: 503.
    Desk,
}

impl IntoResponse for Full {
    fn into_response(self) -> Response {
        match self {
            Self::Address => refusal(),
            Self::Desk => Failure::from(Error::Busy(Busy::QueueFull)).into_response(),
        }
    }
}

impl Limits {
    pub(crate) fn new(enabled: bool, visitors: &VisitorLimits) -> Self {
        Self {
            enabled,
            auth: SlidingWindow::new(30, WINDOW),
            widget: SlidingWindow::new(100, WINDOW),
            public: SlidingWindow::new(100, WINDOW),
            messages: SlidingWindow::new(visitors.messages_per_minute, WINDOW),
            visitors: Seats::new(visitors.sockets),
            addresses: Seats::new(visitors.sockets_per_address),
            contacts: Seats::new(PER_CONTACT),
            agents: Seats::new(PER_AGENT),
        }
    }

    /// Counts a call.
    pub(crate) fn count(&self, rule: Rule, client: IpAddr, now: Timestamp) -> Counted {
        let window = match rule {
            Rule::Auth => &self.auth,
            Rule::Widget => &self.widget,
            Rule::Public => &self.public,
        };
        Counted(self.enabled.then(|| window.check(&network_of(client), now)))
    }

    /// Counts a message of a visitor.
    ///
    /// # Errors
    /// 429 for one too many.
    pub(crate) fn count_message(&self, visitor: ContactId, now: Timestamp) -> Result<()> {
        if self.enabled && !self.messages.check(&visitor, now).allowed {
            let message = "Too many messages, Please wait a minute";
            return Err(Failure::new(StatusCode::TOO_MANY_REQUESTS, ErrorType::GeneralException, message));
        }
        Ok(())
    }

    /// Lets a visitor's socket in.
    pub(crate) fn enter(&self, client: IpAddr) -> Result<Entrance, Full> {
        let address = match self.enabled {
            true => Some(self.addresses.take(network_of(client)).ok_or(Full::Address)?),
            false => None,
        };
        let visitor = self.visitors.take(()).ok_or(Full::Desk)?;
        Ok(Entrance { _visitor: visitor, _address: address })
    }

    /// Lets an agent's socket in.
    ///
    /// # Errors
    /// 429 for one too many.
    pub(crate) fn seat(&self, agent: AgentId) -> Result<Seat<AgentId>> {
        let message = "Too many open connections of this agent";
        let full = || Failure::new(StatusCode::TOO_MANY_REQUESTS, ErrorType::GeneralException, message);
        self.agents.take(agent).ok_or_else(full)
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
