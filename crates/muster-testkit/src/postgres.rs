//! The real PostgreSQL that tests need: the shared scratch cluster, a database of its own for each test, and clusters
//! that a durability test may kill.
//!
//! The shared cluster is started outside, by `scripts/with-postgres.sh`, and named by `MUSTER_TEST_POSTGRES_URL`. A test
//! asks for a database with [`clone_database`]; a test for both engines is written once, as an `async fn` that takes a
//! [`TestEngine`], and listed in [`both_engines!`](crate::both_engines).

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio_postgres::{Client, NoTls};

use crate::environment::variable;

mod cluster;

pub use cluster::{Cluster, Fsync};

const URL_VARIABLE: &str = "MUSTER_TEST_POSTGRES_URL";
const SQLITE_ONLY_VARIABLE: &str = "MUSTER_TEST_SQLITE_ONLY";

/// The storage engine that a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestEngine {
    Sqlite,
    Postgres,
}

/// The engines to test: both, or SQLite alone where `MUSTER_TEST_SQLITE_ONLY=1` says so.
///
/// # Panics
/// If PostgreSQL is left out in continuous integration (`CI` is set).
#[must_use]
pub fn engines() -> Vec<TestEngine> {
    if sqlite_only() { vec![TestEngine::Sqlite] } else { vec![TestEngine::Sqlite, TestEngine::Postgres] }
}

/// Makes two tests, `name::sqlite` and `name::postgres`, of each `async fn name(engine: TestEngine)` listed.
///
/// The calling crate needs `tokio` with its `macros` and `rt-multi-thread` features. With `MUSTER_TEST_SQLITE_ONLY=1`
/// the PostgreSQL tests end at once.
///
/// ```text
/// async fn a_saved_agent_is_read_back(engine: TestEngine) { … }
///
/// both_engines!(a_saved_agent_is_read_back);
/// ```
#[macro_export]
macro_rules! both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                super::$name($crate::postgres::TestEngine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if $crate::postgres::engines().contains(&$crate::postgres::TestEngine::Postgres) {
                    super::$name($crate::postgres::TestEngine::Postgres).await;
                }
            }
        }
    )+};
}

/// The address of the shared cluster's maintenance database, `postgres://USER@HOST:PORT/postgres`.
///
/// # Panics
/// If `MUSTER_TEST_POSTGRES_URL` is not set; the message holds the line that starts a cluster.
#[must_use]
pub fn server_url() -> String {
    variable(URL_VARIABLE).unwrap_or_else(|| {
        panic!(
            "this test needs PostgreSQL and {URL_VARIABLE} is not set. Run the tests inside a scratch cluster:\n\n    \
             scripts/with-postgres.sh cargo test\n\nor leave PostgreSQL out on purpose with {SQLITE_ONLY_VARIABLE}=1."
        )
    })
}

/// A database of one test's own, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// The database's address, `postgres://USER@HOST:PORT/NAME`.
    #[must_use]
    pub fn url(&self) -> String {
        with_database(&self.server, &self.name)
    }
}

impl Drop for TestDatabase {
    /// Drops the database with whatever is still connected to it; one that cannot be dropped ends with its cluster.
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(drop_database(&server, &name))
        });
        drop(dropper.join());
    }
}

async fn drop_database(server: &str, name: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let client = try_connect(server).await?;
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    Ok(())
}

/// A fresh copy of the template database that `template_key` stands for, on the shared cluster.
///
/// `prepare` gets the address of an empty database and fills it; it runs once per cluster and key, however many
/// processes ask at the same time, and must have closed its connections when it ends. `template_key` is whatever decides
/// the template's content, such as the text of all migrations.
///
/// # Panics
/// If the cluster does not answer or refuses.
pub async fn clone_database<F, Fut>(template_key: &str, prepare: F) -> TestDatabase
where
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = ()>,
{
    let server = server_url();
    let client = connect(&server).await;
    let template = Template::of(template_key);
    template.ensure(&client, &server, prepare).await;
    let name = unused_name(&client).await;
    run(&client, &format!("CREATE DATABASE {name} TEMPLATE {}", template.name)).await;
    TestDatabase { server, name }
}

/// An empty database on the shared cluster.
///
/// # Panics
/// If the cluster does not answer or refuses.
pub async fn empty_database() -> TestDatabase {
    let server = server_url();
    let client = connect(&server).await;
    let name = unused_name(&client).await;
    run(&client, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    TestDatabase { server, name }
}

struct Template {
    name: String,
    lock: i64,
}

impl Template {
    fn of(key: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let hash = hasher.finish();
        Self { name: format!("template_{hash:016x}"), lock: hash.cast_signed() }
    }

    /// Makes the template unless it is there. It gets its name when it is complete, so that the name alone tells.
    async fn ensure<F, Fut>(&self, client: &Client, server: &str, prepare: F)
    where
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = ()>,
    {
        if self.exists(client).await {
            return;
        }
        run(client, &format!("SELECT pg_advisory_lock({})", self.lock)).await;
        if !self.exists(client).await {
            let unfinished = format!("unfinished_{}", self.name);
            run(client, &format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
            run(client, &format!("CREATE DATABASE {unfinished} TEMPLATE template0")).await;
            prepare(with_database(server, &unfinished)).await;
            run(client, &format!("ALTER DATABASE {unfinished} ALLOW_CONNECTIONS false")).await;
            run(client, &format!("ALTER DATABASE {unfinished} RENAME TO {}", self.name)).await;
        }
        run(client, &format!("SELECT pg_advisory_unlock({})", self.lock)).await;
    }

    async fn exists(&self, client: &Client) -> bool {
        let found = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&self.name]).await;
        found.expect("the cluster lists its databases").is_some()
    }
}

async fn unused_name(client: &Client) -> String {
    let row = client.query_one("SELECT 'test_' || replace(gen_random_uuid()::text, '-', '')", &[]).await;
    row.expect("the cluster draws a name").get(0)
}

async fn run(client: &Client, sql: &str) {
    if let Err(error) = client.batch_execute(sql).await {
        panic!("{sql}: {error:?}");
    }
}

async fn connect(url: &str) -> Client {
    match try_connect(url).await {
        Ok(client) => client,
        Err(error) => panic!("PostgreSQL at {url} does not answer: {error:?}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "the connection's task ends by itself when its client is dropped")]
async fn try_connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The same server's address with another database in it.
fn with_database(server: &str, name: &str) -> String {
    let (address, options) =
        server.split_once('?').map_or((server, None), |(address, options)| (address, Some(options)));
    let authority = address.find("://").map_or(0, |scheme| scheme + "://".len());
    let base = address[authority..].find('/').map_or(address, |path| &address[..authority + path]);
    options.map_or_else(|| format!("{base}/{name}"), |options| format!("{base}/{name}?{options}"))
}

fn sqlite_only() -> bool {
    let only = variable(SQLITE_ONLY_VARIABLE).is_some_and(|value| value == "1");
    assert!(!(only && variable("CI").is_some()), "{SQLITE_ONLY_VARIABLE} is refused where CI is set");
    only
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_an_address_is_replaced_and_its_options_stay() {
        for (server, expected) in [
            ("postgres://postgres@127.0.0.1:5433/postgres", "postgres://postgres@127.0.0.1:5433/x"),
            ("postgres://postgres@127.0.0.1:5433", "postgres://postgres@127.0.0.1:5433/x"),
            ("postgres://u:p@db.example.org/a?connect_timeout=3", "postgres://u:p@db.example.org/x?connect_timeout=3"),
        ] {
            assert_eq!(with_database(server, "x"), expected);
        }
    }
}
