//! Ozonetel CloudAgent's wire dialect: the part that manages agents.
//!
//! Product and version: the page "Edit Agent Details (Token Authentication)" and the public pages of its generation
//! (2025). Where the facts come from, which endpoints are served, and every choice where the pages are silent:
//! `docs/dialects/cloudagent.md`.
//!
//! Start reading at `routes`: one line per endpoint. `endpoint` says how endpoints differ before their handlers run,
//! `auth` is what stands before a handler, `envelope` the shapes of answers, `error` the one table of refusals, `wire`
//! the other shapes. A handler translates, calls one use case, and translates back; it holds no rule but those of the
//! product's pages. To add an endpoint: a variant in `endpoint`, its shapes in `wire`, a handler annotated with
//! `utoipa::path` in `handlers`, a line in `routes`.

mod auth;
mod credentials;
mod endpoint;
mod envelope;
mod error;
mod extract;
mod handlers;
mod limits;
mod openapi;
mod paths;
mod routes;
mod wire;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::http::StatusCode;
use axum::response::Response;
use muster_app::App;
use muster_http::layers::Layers;
use muster_http::routes::Built;

pub use auth::{Endpoint, Guard};

use crate::limits::Limits;

/// The word under which integrations and passwords of this dialect are kept.
pub const KIND: &str = "cloudagent";

/// How the dialect is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Request ids, allowed hosts, trusted proxies, limits of size and time.
    pub layers: Layers,
    /// Whether calls are counted.
    pub rate_limits: bool,
    pub settings: Settings,
}

/// What the operator can set about the dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether refusals carry an HTTP status of their own; else their status is 200.
    pub statuses: bool,
    /// Whether an edit's success says `Status` and `Message`; else `status` and `message`.
    pub capital_keys: bool,
    /// Whether an edit without `email` is refused, as documented.
    pub email_required: bool,
    /// Where an agent's telephone may register. Empty: anywhere.
    pub sip_locations: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { statuses: true, capital_keys: true, email_required: true, sip_locations: Vec::new() }
    }
}

/// Longest name of a location, in characters.
const LOCATION_MAX: usize = 100;

impl Settings {
    /// Whether this is one of the locations; where none are listed any text of up to 100 characters is.
    fn is_location(&self, text: &str) -> bool {
        if self.sip_locations.is_empty() {
            let text = text.trim();
            return !text.is_empty() && text.chars().count() <= LOCATION_MAX;
        }
        self.sip_locations.iter().any(|known| known == text)
    }

    // Wire (chosen): a client that looks at the status alone must not take a refusal for a success, and some know no
    // status but 200. Failures of the desk itself keep theirs.
    /// The answer with the status that the operator wants.
    fn status(&self, mut response: Response) -> Response {
        if !self.statuses && response.status().is_client_error() {
            *response.status_mut() = StatusCode::OK;
        }
        response
    }
}

/// The dialect over a desk: the router to be served, the list of its routes, and the finished
/// OpenAPI document.
#[must_use]
pub fn router(app: App, options: &Options) -> Built<Guard> {
    let table = routes::table(Api::new(app, options));
    let Built { router, routes, openapi } = table.build(error::no_route, error::envelope);
    let router = paths::in_any_case(routes.iter().map(|route| route.path.as_str()), router);
    let router = options.layers.around("cloudagent", error::envelope, router);
    Built { router, routes, openapi: openapi::finish(openapi) }
}

/// What handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) app: App,
    pub(crate) limits: Arc<Limits>,
    pub(crate) settings: Arc<Settings>,
    /// Changes of state that were told of.
    pub(crate) changes: Arc<AtomicU64>,
}

impl Api {
    fn new(app: App, options: &Options) -> Self {
        let limits = Arc::new(Limits::new(options.rate_limits));
        Self { app, limits, settings: Arc::new(options.settings.clone()), changes: Arc::new(AtomicU64::new(1)) }
    }
}
