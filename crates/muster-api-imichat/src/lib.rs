//! imi.chat's wire dialect.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use muster_app::App;
use muster_http::Trouble;
use muster_http::layers::Layers;
use muster_http::routes::{Built, RouteTable};

/// The word under which integrations and passwords of this dialect are kept.
pub const KIND: &str = "imichat";

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether calls about users have to name a team.
    pub team_required: bool,
    /// Whether users are shown with their custom attributes, which the documented object lacks.
    pub shows_custom_attributes: bool,
    /// Calls of one key in a day.
    pub daily_limit: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { team_required: true, shows_custom_attributes: true, daily_limit: 10_000 }
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
    let router = options.layers.around("imichat", envelope, router);
    Built { router, routes, openapi }
}

fn envelope(_: Trouble) -> Response {
    StatusCode::BAD_REQUEST.into_response()
}
