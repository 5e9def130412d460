//! Ozonetel CloudAgent's wire dialect.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use muster_app::App;
use muster_http::Trouble;
use muster_http::layers::Layers;
use muster_http::routes::{Built, RouteTable};

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
    /// Whether failures carry an HTTP status of their own; else all answers are 200.
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

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard;

impl muster_http::routes::Guard<App> for Guard {
    async fn pass(&self, _: &App, request: Request, next: Next) -> Response {
        next.run(request).await
    }
}

/// The dialect over a desk: the router to be served, the list of its routes, and the finished
/// OpenAPI document.
#[must_use]
pub fn router(app: App, options: &Options) -> Built<Guard> {
    let Built { router, routes, openapi } = RouteTable::new(app).build(async || StatusCode::NOT_FOUND, envelope);
    let router = options.layers.around("cloudagent", envelope, router);
    Built { router, routes, openapi }
}

fn envelope(_: Trouble) -> Response {
    StatusCode::BAD_REQUEST.into_response()
}
