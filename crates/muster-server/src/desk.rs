//! Opening a desk: its store, its key, and the use cases over them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use muster_app::media::Files;
use muster_app::{App, Clock as _, OsEntropy, Parts, SecretKey, SystemClock};
use muster_store::db::{Database, DbErrorKind, Engine, Process, ServeLock, Store, StoreOptions, db_error};
use muster_store::migrate::{MIGRATIONS, Schema, check};

use crate::backup::{restore, upgrade};
use crate::config::Config;
use crate::data::DataDir;
use crate::exit::Usage;

/// Opens the desk for a command: a process beside the one that serves, or alone.
///
/// # Errors
/// [`Usage`] if there is no desk, or one of another version.
pub(crate) async fn open(config: &Config) -> Result<App> {
    let data = DataDir::new(&config.server.data);
    let store = open_store(config, Process::Command, DEADLINE).await?;
    match check(&store, MIGRATIONS).await? {
        Schema::Current => {}
        schema => return Err(wrong_schema(schema).into()),
    }
    let Some(key) = data.secret_key()? else { return Err(key_is_missing(&data).into()) };
    Ok(app(store, key, config, config.server.listen))
}

/// How long a read may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// Opens the desk's database, whatever is in it.
///
/// # Errors
/// [`Usage`] if a command finds none.
pub(crate) async fn open_store(config: &Config, process: Process, deadline: Duration) -> Result<Store> {
    let database = database(config);
    if let (Database::Sqlite(file), Process::Command) = (&database, process)
        && !file.exists()
    {
        let data = config.server.data.display();
        let message = format!("there is no desk in {data}: run `muster serve` first, or say where it is with --data");
        return Err(Usage::new(message).into());
    }
    let max_size = config.limits.database_size.bound();
    let options = StoreOptions { process, deadline, max_size, ..StoreOptions::new(database) };
    Store::open(options).await.context("the database can't be opened")
}

/// A desk that only this process serves, its schema up to date.
#[derive(Debug)]
pub(crate) struct Held {
    store: Store,
    key: SecretKey,
    /// To be kept as long as the desk is served.
    pub(crate) lock: ServeLock,
}

impl Held {
    /// Takes the desk that `config` names, and makes it if there is none.
    pub(crate) async fn take(config: &Config) -> Result<Self> {
        let data = DataDir::new(&config.server.data);
        data.create()?;
        let store = open_store(config, Process::Serve, DEADLINE).await?;
        let lock = serve_lock(&store).await?;
        let schema = check(&store, MIGRATIONS).await?;
        if matches!(schema, Schema::Newer { .. }) {
            return Err(wrong_schema(schema).into());
        }
        restore::settle(&data, schema)?;
        check_files(&data, schema)?;
        let key = secret_key(&data, schema)?;
        let now = SystemClock.now();
        upgrade::bring_up_to_date(&store, &data, config.backup.before_upgrade, MIGRATIONS, now).await?;
        Ok(Self { store, key, lock })
    }

    /// The use cases of the desk, which people reach at `address`.
    pub(crate) fn app(&self, config: &Config, address: SocketAddr) -> App {
        app(self.store.clone(), self.key.clone(), config, address)
    }
}

/// Files that people sent belong to rows: beside an empty database they are another desk's, and would be tidied away.
fn check_files(data: &DataDir, schema: Schema) -> Result<()> {
    let files = data.files();
    let has_some = std::fs::read_dir(&files).is_ok_and(|mut entries| entries.next().is_some());
    if schema == Schema::Empty && has_some {
        let files = files.display();
        return Err(Usage::new(format!(
            "the database is empty, but {files} holds files of a desk: name that desk's database, or move them away"
        ))
        .into());
    }
    Ok(())
}

/// The pause before another try to take the desk from a process that is gone, and how many tries there are.
const LOCK_PAUSE: Duration = Duration::from_millis(100);
const LOCK_TRIES: u32 = 30;

/// Claims the desk. PostgreSQL may take a moment to notice that a process which was killed isn't connected any more.
pub(crate) async fn serve_lock(store: &Store) -> muster_core::Result<ServeLock> {
    let is_served = |error: &muster_core::Error| db_error(error).is_some_and(|error| error.kind == DbErrorKind::Served);
    if store.engine() == Engine::Postgres {
        for _ in 1..LOCK_TRIES {
            match store.try_serve_lock().await {
                Err(error) if is_served(&error) => tokio::time::sleep(LOCK_PAUSE).await,
                claimed => return claimed,
            }
        }
    }
    store.try_serve_lock().await
}

/// The desk's key. It is made together with the database and never after it: what an older key
/// sealed could not be opened any more.
fn secret_key(data: &DataDir, schema: Schema) -> Result<SecretKey> {
    match (data.secret_key()?, schema) {
        (Some(key), _) => Ok(key),
        (None, Schema::Empty) => data.create_secret_key(&OsEntropy),
        (None, _) => Err(key_is_missing(data).into()),
    }
}

fn key_is_missing(data: &DataDir) -> Usage {
    Usage::new(format!(
        "{} is missing: put it back from a copy. If there is none, write 64 new hexadecimal digits to it \
         (`openssl rand -hex 32`); the secrets that the lost key sealed have to be set again then",
        data.key_file().display()
    ))
}

/// Why a database whose schema isn't the program's can't be used.
pub(crate) fn wrong_schema(schema: Schema) -> Usage {
    Usage::new(match schema {
        Schema::Current => "the database is of this program's version".to_owned(),
        Schema::Empty => "the database is empty: `muster serve` makes the desk".to_owned(),
        Schema::Older { database, program } => format!(
            "the database is of version {database}, older than this program's {program}: `muster serve` brings it up to date"
        ),
        Schema::Newer { database, program } => format!(
            "the database is of version {database}, newer than this program's {program}: use the program that made it"
        ),
    })
}

fn database(config: &Config) -> Database {
    match config.database.url.postgres() {
        Some(url) => Database::Postgres(url.to_owned()),
        None => Database::Sqlite(DataDir::new(&config.server.data).database()),
    }
}

fn app(store: Store, secret_key: SecretKey, config: &Config, address: SocketAddr) -> App {
    let settings = config.settings(address);
    let files = Files::local(&config.server.data);
    App::new(Parts { store, clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), settings, secret_key, files })
}
