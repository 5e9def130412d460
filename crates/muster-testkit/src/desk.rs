//! A whole desk for one test: database, clock, randomness and background work.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use muster_app::media::Files;
use muster_app::{App, Clock as _, Parts, PasswordCost, SecretKey, Settings};
use muster_core::Timestamp;
use muster_store::migrate::{MIGRATIONS, migrate};
use muster_store::{Database, Durability, Process, Store, StoreOptions};
use tempfile::TempDir;

use crate::clock::{START, TestClock};
use crate::digest::Digest;
use crate::entropy::TestEntropy;
use crate::postgres::{TestDatabase, TestEngine, clone_database};

/// Where the test desk's people believe it to be.
pub const PUBLIC_URL: &str = "https://desk.example.org";

/// A desk of one test's own, started, with its built-in roles and nobody in it.
///
/// Time stands still until [`TestDesk::advance`] moves it, and what is random is the same in every run. Dropping a desk
/// one of whose background tasks has failed fails the test.
#[derive(Debug)]
pub struct TestDesk {
    pub app: App,
    pub clock: TestClock,
    engine: TestEngine,
    location: Database,
    // Dropped after the app, in this order.
    _database: Option<TestDatabase>,
    directory: TempDir,
}

impl TestDesk {
    /// A desk with a test's usual settings.
    ///
    /// # Panics
    /// If it can't be made.
    pub async fn new(engine: TestEngine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// A desk whose settings were changed before it starts.
    ///
    /// # Panics
    /// If it can't be made.
    pub async fn with(engine: TestEngine, change: impl FnOnce(&mut Settings)) -> Self {
        let desk = Self::idle(engine, change).await;
        desk.begin().await;
        desk
    }

    /// A desk whose background work hasn't been started: nothing routes, rings or is told, and there are no roles.
    ///
    /// # Panics
    /// If it can't be made.
    pub async fn idle(engine: TestEngine, change: impl FnOnce(&mut Settings)) -> Self {
        let directory = temporary();
        let (database, location) = place(engine, &directory).await;
        Self::make(engine, location, (database, directory), change).await
    }

    /// A desk in an empty database of the test's own.
    ///
    /// # Panics
    /// If it can't be made.
    pub async fn on(location: Database) -> Self {
        let engine = match &location {
            Database::Sqlite(_) => TestEngine::Sqlite,
            Database::Postgres(_) => TestEngine::Postgres,
        };
        let desk = Self::make(engine, location, (None, temporary()), |_| {}).await;
        desk.begin().await;
        desk
    }

    async fn make(
        engine: TestEngine,
        location: Database,
        (database, directory): (Option<TestDatabase>, TempDir),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let store = open_store(location.clone()).await;
        migrate(&store, MIGRATIONS, START).await.expect("the schema is made");
        let clock = TestClock::default();
        let mut settings = Settings {
            public_url: PUBLIC_URL.to_owned(),
            password_cost: PasswordCost { memory_kib: 8, passes: 1 },
            ..Settings::default()
        };
        change(&mut settings);
        let app = App::new(Parts {
            store,
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(TestEntropy::default()),
            settings,
            secret_key: SecretKey::new([7; 32]),
            files: Files::local(directory.path()),
        });
        Self { app, clock, engine, location, _database: database, directory }
    }

    async fn begin(&self) {
        self.app.ensure_built_ins().await.expect("the built-in roles are made");
        self.app.start().await.expect("the background work starts");
    }

    #[must_use]
    pub const fn engine(&self) -> TestEngine {
        self.engine
    }

    /// How to open the desk's database a second time, as another process does.
    #[must_use]
    pub fn store_options(&self) -> StoreOptions {
        store_options(self.location.clone())
    }

    /// A process beside the serving one, as a command is, that remembers nothing yet: on the same database, with the
    /// same clock and other randomness.
    ///
    /// # Panics
    /// If the database can't be opened.
    pub async fn beside(&self) -> App {
        let options = StoreOptions { process: Process::Command, ..self.store_options() };
        App::new(Parts {
            store: Store::open(options).await.expect("the store opens a second time"),
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(TestEntropy::from_start(1 << 32)),
            settings: self.app.settings().clone(),
            secret_key: SecretKey::new([7; 32]),
            files: Files::local(self.directory.path()),
        })
    }

    /// The directory in which the desk keeps files.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.directory.path()
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits until all that is committed has been followed, routed and told, and all that was due is done.
    ///
    /// # Panics
    /// If a background task has failed, or the store can't be read.
    pub async fn quiet(&self) {
        self.app.quiet().await.expect("the background work goes on");
    }

    /// Lets time pass: whatever falls due meanwhile happens at its own instant, in order, and is done at the end.
    ///
    /// # Panics
    /// As [`TestDesk::quiet`].
    pub async fn advance(&self, by: Duration) {
        let end = self.now() + by;
        loop {
            self.quiet().await;
            match self.app.next_due() {
                Some(at) if at <= end => self.clock.move_to(at),
                _ => break,
            }
        }
        self.clock.move_to(end);
        self.quiet().await;
    }

    /// What stands in the tables now: equal digests mean that nothing has changed but stamps of use.
    ///
    /// # Panics
    /// If the store can't be read.
    pub async fn digest(&self) -> Digest {
        Digest::of(self.app.store()).await.expect("the tables are read")
    }
}

impl Drop for TestDesk {
    fn drop(&mut self) {
        self.app.begin_stop();
        if let Some(task) = self.app.failure()
            && !std::thread::panicking()
        {
            panic!("the background task {task} has failed");
        }
    }
}

fn temporary() -> TempDir {
    tempfile::Builder::new().prefix("muster-desk-").tempdir().expect("a temporary directory")
}

/// Where the desk's data will be; on PostgreSQL with its schema.
async fn place(engine: TestEngine, directory: &TempDir) -> (Option<TestDatabase>, Database) {
    match engine {
        TestEngine::Sqlite => (None, Database::Sqlite(directory.path().join("muster.db"))),
        TestEngine::Postgres => {
            let key: String = MIGRATIONS.iter().map(|migration| migration.postgres).collect();
            let clone = clone_database(&key, prepare).await;
            let url = clone.url();
            (Some(clone), Database::Postgres(url))
        }
    }
}

async fn prepare(url: String) {
    let store = open_store(Database::Postgres(url)).await;
    migrate(&store, MIGRATIONS, START).await.expect("the schema is made");
    store.close().await;
}

async fn open_store(database: Database) -> Store {
    Store::open(store_options(database)).await.expect("the store opens")
}

fn store_options(database: Database) -> StoreOptions {
    StoreOptions { durability: Durability::Off, pool: 8, ..StoreOptions::new(database) }
}
