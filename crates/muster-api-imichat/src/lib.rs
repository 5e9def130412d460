//! imi.chat's wire dialect: provisioning users over its REST API, version 3.1.
//!
//! Where the facts come from: the documentation page "Update user", which is the literal word, and
//! the public reference beside it. Which calls are served, what each line of the page is tested by,
//! and what is ours because no source says it: `docs/dialects/imichat.md`.
//!
//! Start reading at `routes`: one line per endpoint with its guard and its handler. `codes` is the
//! one table of outcomes, `auth` what stands before a handler, `error` how the desk's refusals become
//! codes, `wire` the shapes. A handler translates, calls one use case, and translates back; it holds
//! no rule. To add an endpoint: its shapes in `wire`, a handler annotated with `utoipa::path` in
//! `handlers`, a line in `routes`, its codes in `codes`.

mod auth;
mod codes;
mod envelope;
mod error;
mod extract;
mod handlers;
mod openapi;
mod routes;
mod stamp;
mod wire;

use axum::middleware::from_fn_with_state;
use muster_app::App;
use muster_http::layers::Layers;
use muster_http::routes::Built;

pub use auth::{Access, Guard};

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

/// The dialect over a desk: the router to be served, the list of its routes, and the finished
/// OpenAPI document.
#[must_use]
pub fn router(app: App, options: &Options) -> Built<Guard> {
    let api = Api { app, settings: options.settings, counts_calls: options.rate_limits };
    let Built { router, routes, openapi } = routes::table(api.clone()).build(error::no_route, error::envelope);
    let router = options.layers.around(KIND, error::envelope, router);
    // Outside of the shared layers, so that what they answer by themselves is stamped too.
    let router = router.layer(from_fn_with_state(api, stamp::stamp));
    Built { router, routes, openapi: openapi::finish(openapi) }
}

/// What handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) app: App,
    pub(crate) settings: Settings,
    pub(crate) counts_calls: bool,
}
