//! From a URL to pools of connections.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use muster_core::{Busy, Error, Result};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};

use super::error::describe;
use crate::db::Durability;
use crate::db::error::{DbError, DbErrorKind, busy};

/// PostgreSQL 14, as `server_version_num` shows it.
const OLDEST_SERVER: i32 = 140_000;
/// How long a job waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn parse(url: &str, durability: Durability) -> Result<Config> {
    let mut config: Config = match url.parse() {
        Ok(config) => config,
        Err(_) if url.contains("sslmode=verify") => return Err(no_tls()),
        Err(error) => return Err(refused(format!("the PostgreSQL URL can't be read: {error}"))),
    };
    if config.get_ssl_mode() == SslMode::Require {
        return Err(no_tls());
    }
    if config.get_application_name().is_none() {
        config.application_name("muster");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    if durability == Durability::Off {
        add_option(&mut config, "-c synchronous_commit=off");
    }
    Ok(config)
}

fn no_tls() -> Error {
    refused("the PostgreSQL URL asks for TLS, which is not supported yet: connect over a trusted network or a tunnel")
}

fn refused(why: impl Into<String>) -> Error {
    DbError::error(DbErrorKind::Other, why)
}

pub(super) fn with_statement_timeout(config: &Config, timeout: Duration) -> Config {
    let mut config = config.clone();
    add_option(&mut config, &format!("-c statement_timeout={}", timeout.as_millis()));
    config
}

fn add_option(config: &mut Config, option: &str) {
    let options = config.get_options().map_or_else(|| option.to_owned(), |before| format!("{before} {option}"));
    config.options(options);
}

/// Connects once, to tell the operator at the start what is wrong.
pub(super) async fn check_server(config: &Config) -> Result<()> {
    let unreachable = |error| refused(format!("PostgreSQL can't be reached: {}", describe(&error)));
    let (client, connection) = config.connect(NoTls).await.map_err(unreachable)?;
    let (checked, _) = tokio::join!(check_version(client), connection);
    checked
}

/// Takes the client, so that its connection ends with the check.
async fn check_version(client: Client) -> Result<()> {
    let row = client.query_one("SELECT current_setting('server_version_num')::int4", &[]).await;
    let version: i32 = row.and_then(|row| row.try_get(0)).map_err(|error| refused(describe(&error)))?;
    if version < OLDEST_SERVER {
        let (major, oldest) = (version / 10_000, OLDEST_SERVER / 10_000);
        return Err(refused(format!("the server is PostgreSQL {major}; Muster needs {oldest} or newer")));
    }
    Ok(())
}

pub(super) fn pool(config: &Config, size: usize) -> Result<Pool> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Pool::builder(Manager::from_config(config.clone(), NoTls, recycling))
        .max_size(size.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .recycle_timeout(Some(PATIENCE))
        .build()
        .map_err(Error::internal)
}

pub(super) fn translate(error: &PoolError) -> Error {
    match error {
        PoolError::Closed => Error::Busy(Busy::ShuttingDown),
        PoolError::Backend(error) => busy(Busy::Store, &describe(error)),
        PoolError::Timeout(_) | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            busy(Busy::Store, error)
        }
    }
}
