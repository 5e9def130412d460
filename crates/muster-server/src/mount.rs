//! Which router answers on which listener.
//!
//! The dialects share the server's listener unless one has a listener of its own, all of which is
//! its then. On the shared one a dialect with a prefix has what lies below it; whose the rest is
//! [`owner`] decides, request by request.

mod names;
mod owner;
mod switch;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use muster_api_cloudagent as cloudagent;
use muster_api_imichat as imichat;
use muster_api_libredesk as libredesk;
use muster_api_rocketchat as rocketchat;
use muster_app::{App, Draw, Entropy as _, OsEntropy};
use muster_http::layers::Layers;
use muster_http::routes::Built;
use muster_http::socket::Sockets;

use crate::command::integration::KINDS;
use crate::config::Config;
use crate::dialect::Dialect;
use crate::exit::Usage;
use crate::mount::switch::Switch;

/// The routers of a desk.
#[derive(Debug)]
pub(crate) struct Mounted {
    /// For the server's listener.
    pub(crate) shared: Switch,
    /// For listeners of dialects' own.
    pub(crate) own: Vec<(Dialect, SocketAddr, Router)>,
}

/// Mounts what `config` asks for, on a server that listens on `address`.
pub(crate) fn mount(app: &App, config: &Config, address: SocketAddr, sockets: &Sockets) -> Result<Mounted, Usage> {
    let (mut shared, mut own) = (Vec::new(), Vec::new());
    for dialect in Dialect::ALL {
        let placement = config.placement(dialect);
        let make = |address| Ok(router(dialect, app, config, layers(config, address, sockets)?, sockets));
        match placement.listen {
            _ if !placement.enabled => {}
            Some(listen) => own.push((dialect, listen, make(listen)?)),
            None => shared.push((dialect, placement.prefix, make(address)?)),
        }
    }
    let health = libredesk::health(app.clone(), &libredesk_options(config, layers(config, address, sockets)?, sockets));
    Ok(Mounted { shared: Switch::new(shared, health.router), own })
}

fn router(dialect: Dialect, app: &App, config: &Config, layers: Layers, sockets: &Sockets) -> Router {
    match dialect {
        Dialect::Libredesk => libredesk(app, config, layers, sockets).router,
        Dialect::Rocketchat => rocketchat(app, config, layers).router,
        Dialect::Cloudagent => cloudagent(app, config, layers).router,
        Dialect::Imichat => imichat(app, config, layers).router,
    }
}

pub(crate) fn libredesk(app: &App, config: &Config, layers: Layers, sockets: &Sockets) -> Built<libredesk::Guard> {
    libredesk::router(app.clone(), &libredesk_options(config, layers, sockets))
}

fn libredesk_options(config: &Config, layers: Layers, sockets: &Sockets) -> libredesk::Options {
    let (rate_limits, sockets) = (config.libredesk.rate_limits, sockets.clone());
    let limits = &config.limits;
    let visitors = libredesk::VisitorLimits {
        sockets: limits.visitor_sockets,
        sockets_per_address: limits.visitor_sockets_per_address,
        messages_per_minute: limits.visitor_messages_per_minute,
    };
    libredesk::Options { layers, rate_limits, visitors, sockets, integrations: KINDS }
}

pub(crate) fn rocketchat(app: &App, config: &Config, layers: Layers) -> Built<rocketchat::Guard> {
    let (rate_limits, settings) = (config.rocketchat.rate_limits, config.rocketchat.settings());
    rocketchat::router(app.clone(), &rocketchat::Options { layers, rate_limits, settings })
}

pub(crate) fn cloudagent(app: &App, config: &Config, layers: Layers) -> Built<cloudagent::Guard> {
    let (rate_limits, settings) = (config.cloudagent.rate_limits, config.cloudagent.settings());
    cloudagent::router(app.clone(), &cloudagent::Options { layers, rate_limits, settings })
}

pub(crate) fn imichat(app: &App, config: &Config, layers: Layers) -> Built<imichat::Guard> {
    let (rate_limits, settings) = (config.imichat.rate_limits, config.imichat.settings());
    imichat::router(app.clone(), &imichat::Options { layers, rate_limits, settings })
}

fn layers(config: &Config, address: SocketAddr, sockets: &Sockets) -> Result<Layers, Usage> {
    Ok(Layers {
        hosts: Arc::new(config.hosts(address)?),
        proxies: Arc::new(config.proxies()?),
        metrics: sockets.metrics().clone(),
        ..Layers::new(Arc::new(|| Draw::new(OsEntropy.seed()).alphanumeric(20)))
    })
}

#[cfg(test)]
mod tests;
