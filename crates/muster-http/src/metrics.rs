//! What is counted of requests, connections and sockets.
//!
//! Labels are a dialect's name, a method, a route's template and the like: a closed set, never what somebody sent. A
//! route keeps its counters at hand, so that counting a request is a few atomic additions.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use muster_app::metrics::Histogram;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

type Labels<const N: usize> = [(&'static str, String); N];
type Times<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// The numbers of all listeners. Clones are the same numbers.
#[derive(Debug, Clone)]
pub struct HttpMetrics(Arc<Numbers>);

#[derive(Debug)]
struct Numbers {
    requests: Family<Labels<4>, Counter>,
    seconds: Times<3>,
    in_flight: Gauge,
    connections: Gauge,
    sockets: Family<[(&'static str, &'static str); 1], Gauge>,
    sockets_ended: Family<[(&'static str, &'static str); 2], Counter>,
    unheeded_proxies: Counter,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self(Arc::new(Numbers {
            requests: Family::default(),
            seconds: Family::new_with_constructor(Histogram::times as fn() -> Histogram),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            sockets: Family::default(),
            sockets_ended: Family::default(),
            unheeded_proxies: Counter::default(),
        }))
    }
}

impl HttpMetrics {
    /// Makes the numbers part of what `registry` shows.
    pub fn register(&self, registry: &mut Registry) {
        let numbers = &self.0;
        let http = registry.sub_registry_with_prefix("http");
        http.register("requests", "Requests that were answered", numbers.requests.clone());
        let help = "How long requests took, up to the head of their answer";
        http.register_with_unit("request", help, Unit::Seconds, numbers.seconds.clone());
        http.register("requests_in_flight", "Requests that are being answered", numbers.in_flight.clone());
        http.register("connections", "Open connections, without those of sockets", numbers.connections.clone());
        let help = "Requests whose X-Forwarded-For was not heeded, because who sent it is no trusted proxy";
        http.register("unheeded_proxies", help, numbers.unheeded_proxies.clone());
        registry.register("sockets", "Open sockets, by who is at the other end", numbers.sockets.clone());
        let help = "Sockets that have closed, by who was at the other end and why";
        registry.register("sockets_ended", help, numbers.sockets_ended.clone());
    }

    /// Somebody who is no trusted proxy passes requests on for others.
    pub(crate) fn unheeded_proxy(&self) {
        self.0.unheeded_proxies.inc();
    }

    pub(crate) fn socket_opened(&self, kind: &'static str) -> Open {
        Open::count(self.0.sockets.get_or_create_owned(&[("kind", kind)]))
    }

    pub(crate) fn socket_ended(&self, kind: &'static str, why: &'static str) {
        self.0.sockets_ended.get_or_create(&[("kind", kind), ("why", why)]).inc();
    }
}

/// Something that counts as long as it lives.
#[derive(Debug)]
pub(crate) struct Open(Gauge);

impl Open {
    fn count(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }

    pub(crate) fn connection(metrics: &HttpMetrics) -> Self {
        Self::count(metrics.0.connections.clone())
    }

    pub(crate) fn request(metrics: &HttpMetrics) -> Self {
        Self::count(metrics.0.in_flight.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The methods that are told apart; all others are one.
const METHODS: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::TRACE,
    Method::CONNECT,
];

/// The first digits of statuses.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The numbers of one path's requests.
#[derive(Debug)]
pub(crate) struct RouteMetrics {
    path: String,
    methods: [MethodMetrics; METHODS.len() + 1],
}

#[derive(Debug, Default)]
struct MethodMetrics {
    seconds: OnceLock<Histogram>,
    classes: [OnceLock<Counter>; CLASSES.len()],
}

impl RouteMetrics {
    /// `path` is a template, such as `/agents/{id}`.
    pub(crate) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), methods: Default::default() }
    }

    /// Of requests for which there is no route.
    pub(crate) fn unmatched() -> Self {
        Self::new("unmatched")
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Counts one request of a dialect.
    pub(crate) fn count(
        &self,
        all: &HttpMetrics,
        dialect: &'static str,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let place = METHODS.iter().position(|known| known == method).unwrap_or(METHODS.len());
        let word = METHODS.get(place).map_or("other", Method::as_str);
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let labels = || [("dialect", dialect.to_owned()), ("route", self.path.clone()), ("method", word.to_owned())];
        let numbers = &self.methods[place];
        numbers.seconds.get_or_init(|| all.0.seconds.get_or_create_owned(&labels())).observe(took);
        let requests = numbers.classes[class].get_or_init(|| {
            let [dialect, route, method] = labels();
            all.0.requests.get_or_create_owned(&[dialect, route, method, ("status", CLASSES[class].to_owned())])
        });
        requests.inc();
    }
}

/// Which route a request took, in its extensions: empty until it is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken(Arc<OnceLock<Arc<RouteMetrics>>>);

impl Taken {
    pub(crate) fn get(&self) -> Option<&RouteMetrics> {
        self.0.get().map(AsRef::as_ref)
    }

    pub(crate) fn set(&self, route: &Arc<RouteMetrics>) {
        // A request takes one route.
        let _ = self.0.set(Arc::clone(route));
    }
}
