//! Connections that stay: the one that listens, and the one that holds the serve lock.

use std::future::poll_fn;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, try_join};
use muster_core::Result;
use tokio::sync::watch;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

use super::error::{describe, translate};
use crate::db::error::{DbError, DbErrorKind, db_error};
use crate::db::serve_lock::served;

/// The advisory lock of the process that serves: "muster" and a 1.
const SERVE_LOCK: i64 = 0x6d75_7374_6572_0001;
/// The pause before another try to connect.
const PAUSE: Duration = Duration::from_secs(1);
/// How often somebody else must be found holding the serve lock before it counts as lost: the server may take a while
/// to notice that our own former connection is dead.
const TRIES: u32 = 30;

/// Calls `wake` whenever another process may have written: at each notification, and after each gap in listening.
pub(super) async fn listen(config: Config, channel: &'static str, wake: impl Fn()) {
    loop {
        match listen_once(&config, channel, &wake).await {
            Ok(()) => tracing::warn!("the connection that listens to PostgreSQL ended"),
            Err(error) => tracing::warn!(error = describe(&error), "listening to PostgreSQL failed"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_once(config: &Config, channel: &str, wake: &impl Fn()) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let subscribe = async {
        client.batch_execute(&format!("LISTEN {channel}")).await?;
        wake();
        Ok(())
    };
    let hear = async {
        while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await.transpose()? {
            if let AsyncMessage::Notification(_) = message {
                wake();
            }
        }
        Ok(())
    };
    try_join(subscribe, hear).await.map(|((), ())| ())
}

/// Gives up the old versions of these tables' rows that no transaction can see any more.
pub(super) async fn vacuum(config: &Config, tables: &[&str]) -> Result<()> {
    let statement = format!("VACUUM {}", tables.join(", "));
    let (client, connection) = config.connect(NoTls).await.map_err(|error| translate(&error, "connecting"))?;
    tokio::select! {
        done = client.batch_execute(&statement) => done.map_err(|error| translate(&error, "VACUUM")),
        ended = connection => Err(match ended {
            Ok(()) => DbError::error(DbErrorKind::Other, "the connection ended"),
            Err(error) => translate(&error, "VACUUM"),
        }),
    }
}

/// A connection that holds the serve lock as long as it lives.
pub(super) struct LockSession {
    /// Ends when the connection is lost.
    connection: BoxFuture<'static, ()>,
    _client: Client,
}

/// Takes the serve lock. [`DbErrorKind::Served`] if somebody else has it.
pub(super) async fn lock(config: &Config) -> Result<LockSession> {
    let (client, connection) = config.connect(NoTls).await.map_err(|error| translate(&error, "connecting"))?;
    let mut connection = connection.map(drop).boxed();
    let locking = client.query_one("SELECT pg_try_advisory_lock($1)", &[&SERVE_LOCK]);
    let answered = tokio::select! {
        row = locking => row.and_then(|row| row.try_get(0)),
        () = &mut connection => return Err(DbError::error(DbErrorKind::Other, "the connection ended")),
    };
    let locked: bool = answered.map_err(|error| translate(&error, "taking the serve lock"))?;
    if !locked {
        return Err(served("holds an advisory lock in PostgreSQL"));
    }
    Ok(LockSession { connection, _client: client })
}

/// Keeps the lock through lost connections. Sends `true` and ends when another process has got it.
pub(super) async fn keep_locked(mut session: LockSession, config: Config, lost: watch::Sender<bool>) {
    loop {
        (&mut session.connection).await;
        tracing::warn!("the connection that holds the serve lock ended");
        match lock_again(&config).await {
            Some(again) => session = again,
            None => break,
        }
    }
    tracing::error!("the serve lock was lost to another process");
    lost.send_replace(true);
}

async fn lock_again(config: &Config) -> Option<LockSession> {
    let mut refusals = 0;
    while refusals < TRIES {
        tokio::time::sleep(PAUSE).await;
        match lock(config).await {
            Ok(session) => return Some(session),
            Err(error) if db_error(&error).is_some_and(|error| error.kind == DbErrorKind::Served) => refusals += 1,
            Err(error) => tracing::warn!(error = ?error, "the serve lock could not be taken again yet"),
        }
    }
    None
}
