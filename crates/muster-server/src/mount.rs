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
use utoipa::openapi::OpenApi;

use crate::command::integration::KINDS;
use crate::config::Config;
use crate::dialect::Dialect;
use crate::exit::Usage;
use crate::mount::switch::Switch;
use crate::pages::{Document, Pages, Shop};

/// The routers of a desk.
#[derive(Debug)]
pub(crate) struct Mounted {
    /// For the server's listener.
    pub(crate) shared: Switch,
    /// For listeners of dialects' own.
    pub(crate) own: Vec<(Dialect, SocketAddr, Router)>,
}

/// Mounts what `config` asks for, on a server that listens on `address`, and the shop of a demo.
pub(crate) fn mount(
    app: &App,
    config: &Config,
    address: SocketAddr,
    sockets: &Sockets,
    shop: Option<Shop>,
) -> Result<Mounted, Usage> {
    let (mut shared, mut own, mut documents) = (Vec::new(), Vec::new(), Vec::new());
    for dialect in Dialect::ALL {
        let placement = config.placement(dialect);
        if !placement.enabled {
            continue;
        }
        let layers = layers(config, placement.listen.unwrap_or(address), sockets)?;
        let (router, openapi) = built(dialect, app, config, layers, sockets);
        match placement.listen {
            Some(listen) => own.push((dialect, listen, router)),
            None => {
                // The page tries requests at its own address.
                documents.push(Document::new(dialect, openapi, placement.prefix));
                shared.push((dialect, placement.prefix, router));
            }
        }
    }
    let shared_layers = || layers(config, address, sockets);
    let health = libredesk::health(app.clone(), &libredesk_options(config, shared_layers()?, sockets));
    let pages = Pages::new(documents, shop);
    let shared = Switch::new(shared, health.router, (pages.clone(), pages.router(&shared_layers()?)));
    Ok(Mounted { shared, own })
}

fn built(dialect: Dialect, app: &App, config: &Config, layers: Layers, sockets: &Sockets) -> (Router, OpenApi) {
    fn parts<G>(Built { router, openapi, .. }: Built<G>) -> (Router, OpenApi) {
        (router, openapi)
    }
    match dialect {
        Dialect::Libredesk => parts(libredesk(app, config, layers, sockets)),
        Dialect::Rocketchat => parts(rocketchat(app, config, layers)),
        Dialect::Cloudagent => parts(cloudagent(app, config, layers)),
        Dialect::Imichat => parts(imichat(app, config, layers)),
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
    let pages = config.serves_console().then_some(CONSOLE);
    libredesk::Options { layers, rate_limits, visitors, sockets, integrations: KINDS, pages }
}

/// Console and widget, as this program was built with them.
const CONSOLE: libredesk::Pages = libredesk::Pages {
    at: |request| {
        Some(match muster_ui::site(request)? {
            muster_ui::Found::Page(page) => libredesk::Page::Console(page),
            muster_ui::Found::File(file) => libredesk::Page::File(file),
            muster_ui::Found::ReadOnly => libredesk::Page::ReadOnly,
        })
    },
    widget: muster_ui::widget_page,
};

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
