//! `muster openapi`: the document of a dialect, which needs no desk.

use std::sync::Arc;

use anyhow::Result;
use muster_app::media::Files;
use muster_app::{App, OsEntropy, Parts, SecretKey, Settings, SystemClock};
use muster_http::layers::Layers;
use muster_http::socket::Sockets;
use muster_store::db::{Database, Store, StoreOptions};
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;

use crate::config::Config;
use crate::dialect::Dialect;
use crate::{mount, out};

pub(crate) async fn run(dialect: Dialect) -> Result<()> {
    // A route table is made over a desk; this one is empty and never asked.
    let place = tempfile::tempdir()?;
    let store = Store::open(StoreOptions::new(Database::Sqlite(place.path().join("empty.db")))).await?;
    let app = App::new(Parts {
        store: store.clone(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        settings: Settings::default(),
        secret_key: SecretKey::new([0; 32]),
        files: Files::local(place.path()),
    });
    let document = document(dialect, &app);
    store.close().await;
    out::line(document.to_pretty_json()?)?;
    Ok(())
}

/// The same for every desk, whatever is configured.
fn document(dialect: Dialect, app: &App) -> OpenApi {
    let (config, layers) = (Config::default(), Layers::new(Arc::new(String::new)));
    match dialect {
        Dialect::Libredesk => mount::libredesk(app, &config, layers, &Sockets::new(CancellationToken::new())).openapi,
        Dialect::Rocketchat => mount::rocketchat(app, &config, layers).openapi,
        Dialect::Cloudagent => mount::cloudagent(app, &config, layers).openapi,
        Dialect::Imichat => mount::imichat(app, &config, layers).openapi,
    }
}
