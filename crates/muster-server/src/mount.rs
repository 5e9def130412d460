//! Which router answers on which listener.
//!
//! With one dialect it is simple: it has the server's listener, all of it or what lies below its
//! prefix, or a listener of its own. What is left of the server's listener says whether the desk is
//! up, and knows nothing else.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::map_request;
use muster_api_libredesk as libredesk;
use muster_app::{App, Draw, Entropy as _, OsEntropy};
use muster_http::layers::Layers;
use muster_http::path::normalise_request;
use muster_http::socket::Sockets;
use tower::Layer as _;

use crate::config::Config;
use crate::exit::Usage;

/// The routers of a desk.
#[derive(Debug)]
pub(crate) struct Mounted {
    /// For the server's listener.
    pub(crate) shared: Router,
    /// For the dialect's own listener.
    pub(crate) own: Option<(SocketAddr, Router)>,
}

/// Mounts what `config` asks for, on a server that listens on `address`.
pub(crate) fn mount(app: &App, config: &Config, address: SocketAddr, sockets: &Sockets) -> Result<Mounted, Usage> {
    let settings = &config.libredesk;
    let options = |address| -> Result<_, Usage> {
        let layers = layers(config, address)?;
        Ok(libredesk::Options { layers, rate_limits: settings.rate_limits, sockets: sockets.clone() })
    };
    let bare = libredesk::health(app.clone(), &options(address)?).router;
    if !settings.enabled {
        return Ok(Mounted { shared: bare, own: None });
    }
    if let Some(own) = settings.listen {
        let router = libredesk::router(app.clone(), &options(own)?).router;
        return Ok(Mounted { shared: bare, own: Some((own, router)) });
    }
    let router = libredesk::router(app.clone(), &options(address)?).router;
    let shared = if settings.prefix.is_empty() { router } else { below(&settings.prefix, router, bare) };
    Ok(Mounted { shared, own: None })
}

/// `router` below `prefix`, and `rest` everywhere else.
fn below(prefix: &str, router: Router, rest: Router) -> Router {
    let split = Router::new().nest_service(prefix, router).fallback_service(rest);
    // The prefix, too, is looked for in the path's one form.
    Router::new().fallback_service(map_request(async |request| normalise_request(request)).layer(split))
}

fn layers(config: &Config, address: SocketAddr) -> Result<Layers, Usage> {
    Ok(Layers {
        hosts: Arc::new(config.hosts(address)?),
        proxies: Arc::new(config.proxies()?),
        ..Layers::new(Arc::new(|| Draw::new(OsEntropy.seed()).alphanumeric(20)))
    })
}
