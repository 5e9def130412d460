//! Fresh databases.

use std::path::PathBuf;

use muster_core::Timestamp;
use muster_store::migrate::{MIGRATIONS, migrate};
use muster_store::{Database, Durability, Store, StoreOptions};
use muster_testkit::postgres::{TestDatabase, TestEngine, clone_database, empty_database};
use tempfile::TempDir;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_756_375_200_000);

/// Where a database lives; it goes with this value.
pub(crate) enum Place {
    Directory(TempDir),
    Server(TestDatabase),
}

impl Place {
    /// A place with nothing in it.
    pub(crate) async fn empty(engine: TestEngine) -> Self {
        match engine {
            TestEngine::Sqlite => Self::Directory(TempDir::new().expect("a temporary directory")),
            TestEngine::Postgres => Self::Server(empty_database().await),
        }
    }

    pub(crate) fn database(&self) -> Database {
        match self {
            Self::Directory(_) => Database::Sqlite(self.file()),
            Self::Server(database) => Database::Postgres(database.url()),
        }
    }

    /// The SQLite file, in a directory of its own that the store makes.
    pub(crate) fn file(&self) -> PathBuf {
        match self {
            Self::Directory(directory) => directory.path().join("data").join("muster.db"),
            Self::Server(_) => panic!("PostgreSQL has no file"),
        }
    }

    pub(crate) async fn open(&self) -> Store {
        open(self.database()).await
    }
}

pub(crate) async fn open(database: Database) -> Store {
    let options = StoreOptions { durability: Durability::Off, ..StoreOptions::new(database) };
    Store::open(options).await.expect("the database opens")
}

/// A store with the desk's schema. The place must outlive it.
pub(crate) async fn migrated(engine: TestEngine) -> (Store, Place) {
    match engine {
        TestEngine::Sqlite => {
            let place = Place::empty(engine).await;
            let store = place.open().await;
            migrate(&store, MIGRATIONS, NOW).await.expect("a fresh database migrates");
            (store, place)
        }
        TestEngine::Postgres => {
            let key: String = MIGRATIONS.iter().map(|migration| migration.postgres).collect();
            let database = clone_database(&key, |url| async {
                let store = open(Database::Postgres(url)).await;
                migrate(&store, MIGRATIONS, NOW).await.expect("a fresh database migrates");
                store.close().await;
            });
            let place = Place::Server(database.await);
            (place.open().await, place)
        }
    }
}
