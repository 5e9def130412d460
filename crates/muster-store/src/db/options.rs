//! How a store is opened.

use std::path::PathBuf;
use std::time::Duration;

/// Which database, and how hard to work it. Start from [`StoreOptions::new`].
#[derive(Debug, Clone)]
pub struct StoreOptions {
    pub database: Database,
    pub durability: Durability,
    pub process: Process,
    /// Jobs that may wait for each door before callers are answered [`muster_core::Busy::QueueFull`].
    pub queue: usize,
    /// SQLite: the most write jobs that share one commit.
    pub batch: usize,
    /// SQLite: bytes that the database may grow to; beyond that it takes no writes. A database that is larger already
    /// doesn't grow further.
    pub max_size: Option<u64>,
    /// SQLite: threads that serve `read`.
    pub readers: usize,
    /// PostgreSQL: connections for writing, and as many again for reading.
    pub pool: usize,
    /// How long a `read` or a `scan` may take.
    pub deadline: Duration,
}

impl StoreOptions {
    const POOL: usize = 16;
    /// The most connections to PostgreSQL of a process that serves: both pools, the one for scans, and those that
    /// listen and hold the lock.
    pub const POSTGRES_CONNECTIONS: usize = 2 * Self::POOL + super::postgres::SCANNERS + 2;

    /// Production's values for a process that serves.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self {
            database,
            durability: Durability::Full,
            process: Process::Serve,
            queue: 1024,
            batch: 64,
            max_size: None,
            readers: 2,
            pool: Self::POOL,
            deadline: Duration::from_secs(5),
        }
    }
}

#[derive(Clone)]
pub enum Database {
    /// The database file. Its directory also holds the lock of the serving process.
    Sqlite(PathBuf),
    /// A `postgres://` URL.
    Postgres(String),
}

impl std::fmt::Debug for Database {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A committed write survives the loss of power.
    Full,
    /// A committed write survives the end of the process only. For tests.
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// The one that serves: creates the SQLite file if need be and hears of other processes' writes.
    Serve,
    /// A command beside it: the database must exist, and its writes wake the serving process.
    Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}
