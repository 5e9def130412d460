//! `muster openapi`: the document of a dialect, which needs no desk.

use std::sync::Arc;

use anyhow::Result;
use muster_app::{App, OsEntropy, Parts, SecretKey, Settings, SystemClock};
use muster_http::layers::Layers;
use muster_http::socket::Sockets;
use muster_store::db::{Database, Store, StoreOptions};
use tokio_util::sync::CancellationToken;

use crate::cli::Dialect;
use crate::out;

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
    });
    let document = match dialect {
        Dialect::Libredesk => libredesk(app),
    };
    store.close().await;
    out::line(document.to_pretty_json()?)?;
    Ok(())
}

fn libredesk(app: App) -> utoipa::openapi::OpenApi {
    let layers = Layers::new(Arc::new(String::new));
    let sockets = Sockets::new(CancellationToken::new());
    muster_api_libredesk::router(app, &muster_api_libredesk::Options { layers, rate_limits: true, sockets }).openapi
}
