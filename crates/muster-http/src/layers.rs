//! What every listener puts around a dialect's router, from the outside in: the path's one form,
//! a request id and a span, the host check, the client's address, the body limit, a time limit,
//! and an answer even when a handler panics.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use futures_util::FutureExt as _;
use tower::Layer as _;
use tracing::{Instrument as _, Span, field};

use crate::body::BodyRoom;
use crate::client::{ClientAddr, TrustedProxies, is_forwarded};
use crate::metrics::{HttpMetrics, Open, RouteMetrics, Taken};
use crate::origin::AllowedHosts;
use crate::{Envelope, Trouble, path};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// Draws request ids: visible ASCII, unique enough to find one request in a day's logs.
pub type RequestIds = Arc<dyn Fn() -> String + Send + Sync>;

/// The id of the request, in its extensions. Never taken from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

/// How many bytes a body may have, in the request's extensions for [`crate::body::read_body`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimit(pub usize);

impl BodyLimit {
    /// One mebibyte.
    pub const DEFAULT: Self = Self(1024 * 1024);
}

/// How long the answer to a request may still take, in its extensions for whoever reads a long body.
#[derive(Debug, Clone)]
pub struct Patience(Arc<Limit>);

#[derive(Debug)]
struct Limit {
    started: Instant,
    /// In milliseconds from the start.
    until: AtomicU64,
    step: Duration,
}

impl Patience {
    /// However it goes on, no request may take longer.
    const LONGEST: Duration = Duration::from_secs(15 * 60);

    fn new(step: Duration) -> Self {
        let patience = Self(Arc::new(Limit { started: Instant::now(), until: AtomicU64::new(0), step }));
        patience.renew();
        patience
    }

    /// The request goes on to come in, or a part of what it asks for is done: its time begins anew.
    pub fn renew(&self) {
        let until = (self.0.started.elapsed() + self.0.step).min(Self::LONGEST.max(self.0.step));
        self.0.until.store(u64::try_from(until.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    async fn run_out(&self) {
        loop {
            let until = self.0.started + Duration::from_millis(self.0.until.load(Ordering::Relaxed));
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until.into()).await;
        }
    }
}

/// The settings a server shares among its dialects.
#[derive(Clone)]
pub struct Layers {
    pub request_ids: RequestIds,
    pub hosts: Arc<AllowedHosts>,
    pub proxies: Arc<TrustedProxies>,
    pub body_limit: BodyLimit,
    /// For all bodies together.
    pub body_room: BodyRoom,
    /// Until the head of the answer. A WebSocket has answered once it is open; a file may take as long as it goes on to
    /// come in ([`Patience`]).
    pub timeout: Duration,
    /// Where requests are counted.
    pub metrics: HttpMetrics,
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request_ids: _, hosts, proxies, body_limit, body_room, timeout, metrics: _ } = self;
        f.debug_struct("Layers")
            .field("hosts", hosts)
            .field("proxies", proxies)
            .field("body_limit", body_limit)
            .field("body_room", body_room)
            .field("timeout", timeout)
            .finish_non_exhaustive()
    }
}

impl Layers {
    /// Loopback hosts, no trusted proxies, one mebibyte and thirty seconds.
    #[must_use]
    pub fn new(request_ids: RequestIds) -> Self {
        Self {
            request_ids,
            hosts: Arc::new(AllowedHosts::loopback()),
            proxies: Arc::new(TrustedProxies::default()),
            body_limit: BodyLimit::DEFAULT,
            body_room: BodyRoom::default(),
            timeout: Duration::from_secs(30),
            metrics: HttpMetrics::default(),
        }
    }

    /// Wraps a dialect's router. `dialect` names it in the log, `envelope` words its refusals.
    ///
    /// On each request the handlers find [`RequestId`], [`ClientAddr`], [`BodyLimit`] and the
    /// [`AllowedHosts`] (as an `Arc`) among the extensions. Every answer carries `X-Request-Id` and
    /// `X-Content-Type-Options: nosniff`, and unless the handler set them itself
    /// `Cache-Control: no-store` and `Referrer-Policy: same-origin`.
    pub fn around(&self, dialect: &'static str, envelope: Envelope, router: Router) -> Router {
        let wrap = Arc::new(Wrap { layers: self.clone(), dialect, envelope, unmatched: RouteMetrics::unmatched() });
        Router::new().fallback_service(from_fn_with_state(wrap, pass).layer(router))
    }
}

struct Wrap {
    layers: Layers,
    dialect: &'static str,
    envelope: Envelope,
    /// Counts what no route was found for.
    unmatched: RouteMetrics,
}

async fn pass(State(wrap): State<Arc<Wrap>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = (wrap.layers.request_ids)();
    let request = path::normalise_request(request);
    let span = tracing::info_span!(
        "request",
        dialect = wrap.dialect,
        request.id = id,
        http.method = %request.method(),
        http.route = field::Empty,
        http.status = field::Empty,
        trace.parent = wrap.trace_parent(&request),
    );
    async move {
        let _in_flight = Open::request(&wrap.layers.metrics);
        let (method, taken) = (request.method().clone(), Taken::default());
        let mut response = wrap.answer(request, &id, &taken, next).await;
        let route = taken.get().unwrap_or(&wrap.unmatched);
        route.count(&wrap.layers.metrics, wrap.dialect, &method, response.status(), started.elapsed());
        log(&response, started);
        seal(&mut response, &id);
        response
    }
    .instrument(span)
    .await
}

impl Wrap {
    async fn answer(&self, mut request: Request, id: &str, taken: &Taken, next: Next) -> Response {
        if self.layers.hosts.check_host(request.headers()).is_err() {
            return (self.envelope)(Trouble::HostNotAllowed);
        }
        if path::has_nul(request.uri()) {
            return (self.envelope)(Trouble::Malformed);
        }
        self.note(&mut request, id);
        request.extensions_mut().insert(taken.clone());
        let patience = Patience::new(self.layers.timeout);
        request.extensions_mut().insert(patience.clone());
        let handled = tokio::select! {
            handled = AssertUnwindSafe(next.run(request)).catch_unwind() => handled,
            () = patience.run_out() => return (self.envelope)(Trouble::TimedOut),
        };
        handled.unwrap_or_else(|panic| {
            tracing::error!(panic = panic_text(&*panic), "a handler panicked");
            (self.envelope)(Trouble::Panicked)
        })
    }

    /// The trace that a trusted proxy says the request belongs to.
    fn trace_parent<'r>(&self, request: &'r Request) -> Option<&'r str> {
        if !self.layers.proxies.contains(ClientAddr::peer(request.extensions()).0) {
            return None;
        }
        request.headers().get("traceparent")?.to_str().ok().filter(|text| is_trace_parent(text))
    }

    fn note(&self, request: &mut Request, id: &str) {
        let client = ClientAddr::of(request.headers(), request.extensions(), &self.layers.proxies);
        if is_forwarded(request.headers()) && !self.layers.proxies.contains(ClientAddr::peer(request.extensions()).0) {
            self.layers.metrics.unheeded_proxy();
        }
        let extensions = request.extensions_mut();
        extensions.insert(client);
        extensions.insert(RequestId(id.into()));
        extensions.insert(self.layers.body_limit);
        extensions.insert(self.layers.body_room.clone());
        extensions.insert(Arc::clone(&self.layers.hosts));
    }
}

/// Whether a text is a `traceparent` of version 00: `00-<trace>-<span>-<flags>` in hexadecimal, neither of the ids zero.
fn is_trace_parent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [version, trace, span, flags] = parts.as_slice() else { return false };
    let is_hex = |text: &str, digits| {
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let is_id = |text, digits| is_hex(text, digits) && text.bytes().any(|byte| byte != b'0');
    *version == "00" && is_id(trace, 32) && is_id(span, 16) && is_hex(flags, 2)
}

/// Only constant texts are shown: a formatted one may quote what somebody sent.
fn panic_text(panic: &(dyn Any + Send)) -> &'static str {
    panic.downcast_ref::<&'static str>().copied().unwrap_or("(formatted text)")
}

/// Notes on the request's span which route was taken.
pub(crate) fn note_route(path: &str) {
    Span::current().record("http.route", path);
}

fn log(response: &Response, started: Instant) {
    let status = response.status();
    Span::current().record("http.status", status.as_u16());
    let elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        tracing::warn!(elapsed_us, "answered with a failure");
    } else {
        tracing::debug!(elapsed_us, "answered");
    }
}

fn seal(response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    headers.entry(header::REFERRER_POLICY).or_insert(SAME_ORIGIN);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_parent_is_recognised_by_its_shape() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(is_trace_parent(good));
        for bad in [
            "",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what",
        ] {
            assert!(!is_trace_parent(bad), "{bad}");
        }
    }
}
