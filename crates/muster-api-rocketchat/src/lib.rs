//! Rocket.Chat Omnichannel's wire dialect.
//!
//! Product and version: Rocket.Chat 8 (2026), and the documentation page "Update Agents of
//! Department". Where the facts come from, which routes are served, and every deviation:
//! `docs/dialects/rocketchat.md`.
//!
//! Start reading at `routes`: one line per endpoint with its guard and its handler. `auth` is what
//! stands before a handler, `permissions` the one table between the product's words and the desk's
//! rights, `error` the one table of refusals, `validate` the texts about parameters, `wire` the
//! shapes. A handler translates, calls use cases, and translates back; it holds no rule. To add an
//! endpoint: its shapes in `wire`, a handler annotated with `utoipa::path` in `handlers`, a line in
//! `routes`.

mod auth;
mod error;
mod extract;
mod handlers;
mod headers;
mod limits;
mod listing;
mod openapi;
mod params;
mod permissions;
mod presence;
mod reply;
mod roles;
mod routes;
mod validate;
mod wire;

use std::sync::Arc;

use muster_app::App;
use muster_http::layers::Layers;
use muster_http::routes::Built;

pub use auth::{Access, Guard, Order};

use crate::limits::Limits;

/// The dialect's name in logs, and the word under which fields of departments are kept that the desk doesn't know.
pub const KIND: &str = "rocketchat";

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Whether departments can be deleted, beside being archived.
    pub department_removal: bool,
}

/// The dialect over a desk: the router to be served, the list of its routes, and the finished
/// OpenAPI document.
#[must_use]
pub fn router(app: App, options: &Options) -> Built<Guard> {
    let Built { router, routes, openapi } =
        routes::table(Api::new(app, options)).build(error::no_route, error::envelope);
    let router = options.layers.around(KIND, error::envelope, router);
    let instance = (options.layers.request_ids)();
    Built { router: headers::around(router, &instance), routes, openapi: openapi::finish(openapi) }
}

/// What handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) app: App,
    pub(crate) limits: Arc<Limits>,
    pub(crate) settings: Settings,
}

impl Api {
    fn new(app: App, options: &Options) -> Self {
        Self { app, limits: Arc::new(Limits::new(options.rate_limits)), settings: options.settings }
    }
}
