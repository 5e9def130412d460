//! Libredesk's wire dialect, which is also the desk's native API.
//!
//! Product and version: Libredesk 2.7.0 (2026-08), and the two documentation pages "Create agent"
//! and "Update agent" (2025-09). Where the facts come from, which routes are served, and every
//! deviation: `docs/dialects/libredesk.md`.
//!
//! Start reading at `routes`: one line per endpoint with its guard and its handler. `auth` is what
//! stands before a handler, `error` the one table of refusals, `wire` the shapes. A handler
//! translates, calls one use case, and translates back; it holds no rule. To add an endpoint: its
//! shapes in `wire`, a handler annotated with `utoipa::path` in `handlers`, a line in `routes`.

mod auth;
mod catalogue;
mod error;
mod export;
mod extract;
mod handlers;
mod ids;
mod limits;
mod openapi;
mod pages;
mod query;
mod realtime;
mod reply;
mod routes;
mod seats;
mod visitor;
mod widget_socket;
mod wire;

use std::sync::Arc;

use muster_app::App;
use muster_core::integration::Kind;
use muster_http::layers::Layers;
use muster_http::routes::{Built, RouteTable};
use muster_http::socket::Sockets;

pub use auth::{Access, Guard};
pub use export::contact_document;
pub use limits::{Rule, VisitorLimits};
pub use pages::{Page, Pages};

use crate::error::Failure;
use crate::limits::Limits;

/// How the dialect is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Request ids, allowed hosts, trusted proxies, limits of size and time.
    pub layers: Layers,
    /// Whether calls are counted by client address.
    pub rate_limits: bool,
    /// What visitors may do; their shares by address and by time only with `rate_limits`.
    pub visitors: VisitorLimits,
    /// Opens the agents' and the visitors' sockets.
    pub sockets: Sockets,
    /// For which products' clients integrations can be made.
    pub integrations: &'static [Kind],
    /// Console and widget, where the dialect's paths begin at the root: their addresses are absolute.
    pub pages: Option<Pages>,
}

/// The dialect over a desk: the router to be served, the list of its routes, and the finished
/// OpenAPI document.
#[must_use]
pub fn router(app: App, options: &Options) -> Built<Guard> {
    build(routes::table(Api::new(app, options)), options)
}

/// The health checks alone, for a listener that serves nothing else.
#[must_use]
pub fn health(app: App, options: &Options) -> Built<Guard> {
    build(routes::health_table(Api::new(app, options)), options)
}

fn build(table: RouteTable<Api, Guard>, options: &Options) -> Built<Guard> {
    let Built { router, routes, openapi } = table.build(pages::elsewhere, error::envelope);
    let router = options.layers.around("libredesk", error::envelope, router);
    Built { router, routes, openapi: openapi::finish(openapi) }
}

/// What handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) app: App,
    pub(crate) limits: Arc<Limits>,
    pub(crate) sockets: Sockets,
    pub(crate) integrations: &'static [Kind],
    pub(crate) pages: Option<Pages>,
    /// Whether cookies are for TLS only.
    pub(crate) secure: bool,
}

impl Api {
    fn new(app: App, options: &Options) -> Self {
        let secure = app.settings().public_url.starts_with("https://");
        let limits = Arc::new(Limits::new(options.rate_limits, &options.visitors));
        let Options { sockets, integrations, pages, .. } = options.clone();
        Self { app, limits, sockets, integrations, pages, secure }
    }

    /// Until there is an administrator nothing is answered but set-up and health.
    async fn check_set_up(&self) -> error::Result<()> {
        if self.app.needs_set_up().await? {
            let message = "The desk is not set up yet, Please open the set-up link printed at its first start";
            return Err(Failure::unavailable(message, None));
        }
        Ok(())
    }
}
