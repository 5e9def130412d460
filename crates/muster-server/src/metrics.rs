//! `GET /metrics`: the desk's numbers, on a listener of their own.
//!
//! What is counted is declared where it is counted: in `muster-store`, `muster-app` and `muster-http`. Why it has its
//! own address: `docs/decisions/0016-observation.md`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::routing::get;
use muster_app::{App, Clock as _, SystemClock};
use muster_http::metrics::HttpMetrics;
use muster_http::serve::ServeLimits;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;

mod process;

use process::Process;

use crate::telemetry;

/// What the address of the metrics allows: a few collectors.
pub(crate) fn limits() -> ServeLimits {
    ServeLimits { connections: 64, ..ServeLimits::default() }
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug)]
struct Shown {
    app: App,
    /// One at a time: each look asks the database.
    registry: Mutex<Registry>,
}

/// The router that shows the numbers of a desk.
pub(crate) fn router(app: &App, http: &HttpMetrics, engine: &'static str) -> Router {
    let mut registry = Registry::default();
    let ours = registry.sub_registry_with_prefix("muster");
    let build = Info::new([("version", env!("MUSTER_VERSION")), ("engine", engine)]);
    ours.register("build", "The program and its database", build);
    app.register_metrics(ours);
    http.register(ours);
    telemetry::register_metrics(ours);
    registry.register_collector(Box::new(Process::started(SystemClock.now())));
    let shown = Shown { app: app.clone(), registry: Mutex::new(registry) };
    Router::new().route("/metrics", get(show)).with_state(Arc::new(shown))
}

async fn show(State(shown): State<Arc<Shown>>) -> Result<([(HeaderName, &'static str); 1], String), StatusCode> {
    let registry = shown.registry.lock().await;
    shown.app.look_at_metrics().await;
    let mut text = String::new();
    // Writing to a text fails only if a metric can't be shown at all.
    encode(&mut text, &registry).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text))
}
