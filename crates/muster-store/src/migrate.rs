//! Brings a database's schema up to date, forward only, one transaction for each migration.
//!
//! To add a migration: a pair of files of the same number and name in `migrations/sqlite` and `migrations/postgres`,
//! and a line in [`MIGRATIONS`]. A released migration is never edited; its checksum is kept in the database.

use futures_util::FutureExt as _;
use muster_core::{Result, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::db::{DbError, DbErrorKind, Engine, Store, Tx};
use crate::{params, search, sql};

/// One step of the schema, in both engines' words.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// 1, 2, 3 … without gaps.
    pub number: i64,
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

macro_rules! migrations {
    ($($number:literal $file:literal),+ $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $file,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $file, ".sql")),
        }),+]
    };
}

/// All migrations, in order.
pub const MIGRATIONS: &[Migration] = migrations![1 "0001_desk", 2 "0002_desk_work"];

/// How a database's schema compares with the program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Nothing has been created yet.
    Empty,
    Current,
    /// The database waits for migrations.
    Older {
        database: i64,
        program: i64,
    },
    /// A newer program has migrated it.
    Newer {
        database: i64,
        program: i64,
    },
}

impl Migration {
    fn text(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }

    fn checksum(&self, engine: Engine) -> String {
        hex::encode(Sha256::digest(self.text(engine)))
    }
}

/// Applies what is missing. Whoever may want to go back copies the database before.
///
/// # Errors
/// [`muster_core::Error::Internal`] with a message for the operator: the schema is newer than the program, an applied
/// migration's text has changed, or a migration failed (it left nothing behind).
pub async fn migrate(store: &Store, migrations: &'static [Migration], now: Timestamp) -> Result<()> {
    match check(store, migrations).await? {
        Schema::Current => return Ok(()),
        Schema::Empty | Schema::Older { .. } => {}
        Schema::Newer { database, program } => {
            return Err(refused(format!(
                "the database's schema is version {database}, newer than this program's {program}"
            )));
        }
    }
    for migration in migrations {
        store.write(move |tx| apply(tx, migration, now).boxed()).await?;
    }
    Ok(())
}

/// The number of the newest migration applied; 0 in an empty database.
///
/// # Errors
/// Those of [`Store::read`].
pub async fn schema_version(store: &Store) -> Result<i64> {
    store.read(|tx| version(tx).boxed()).await
}

/// [`schema_version`] as a transaction sees it.
pub(crate) async fn version(tx: &mut Tx) -> Result<i64> {
    Ok(applied(tx).await?.last().map_or(0, |applied| applied.number))
}

/// Compares the schema with the program's, and the checksums of what has been applied.
///
/// # Errors
/// [`muster_core::Error::Internal`] if an applied migration's text has changed; those of [`Store::read`].
pub async fn check(store: &Store, migrations: &[Migration]) -> Result<Schema> {
    let applied = store.read(|tx| applied(tx).boxed()).await?;
    for (applied, migration) in applied.iter().zip(migrations) {
        if applied.number != migration.number || applied.checksum != migration.checksum(store.engine()) {
            let (number, name) = (applied.number, &applied.name);
            return Err(refused(format!("migration {number} ({name}) is not the one this database was made with")));
        }
    }
    let program = migrations.last().map_or(0, |migration| migration.number);
    let database = applied.last().map_or(0, |applied| applied.number);
    Ok(match database {
        0 if program > 0 => Schema::Empty,
        _ if database < program => Schema::Older { database, program },
        _ if database > program => Schema::Newer { database, program },
        _ => Schema::Current,
    })
}

struct Applied {
    number: i64,
    name: String,
    checksum: String,
}

/// The migrations that the database has seen, in order.
async fn applied(tx: &mut Tx) -> Result<Vec<Applied>> {
    let exists = sql!(
        sqlite: "SELECT COUNT(*) > 0 AS present FROM sqlite_schema WHERE name = 'schema_migrations'",
        postgres: "SELECT to_regclass('schema_migrations') IS NOT NULL AS present",
    );
    if !tx.query_one(exists, &[]).await?.get("present")? {
        return Ok(Vec::new());
    }
    let rows = tx.query(sql!("SELECT number, name, checksum FROM schema_migrations ORDER BY number"), &[]).await?;
    let applied = rows
        .iter()
        .map(|row| Ok(Applied { number: row.get("number")?, name: row.get("name")?, checksum: row.get("checksum")? }));
    applied.collect()
}

/// Applies one migration, unless another process has just done so.
pub(crate) async fn apply(tx: &mut Tx, migration: &'static Migration, now: Timestamp) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        tx.script("SELECT pg_advisory_xact_lock(x'6d75737465720003'::bigint)").await?;
    }
    tx.script(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
             number BIGINT PRIMARY KEY,
             name TEXT NOT NULL,
             checksum TEXT NOT NULL,
             applied_at BIGINT NOT NULL
         )",
    )
    .await?;
    if applied(tx).await?.iter().any(|applied| applied.number == migration.number) {
        return Ok(());
    }
    tx.script(migration.text(tx.engine())).await?;
    if migration.number == search::SINCE && migration.name == search::MIGRATION {
        search::rebuild(tx).await?;
    }
    let checksum = migration.checksum(tx.engine());
    let insert = sql!("INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)");
    tx.execute(insert, &params![migration.number, migration.name, checksum, now]).await?;
    tracing::info!(migration.number, migration.name, "migrated");
    Ok(())
}

fn refused(why: String) -> muster_core::Error {
    DbError::error(DbErrorKind::Other, why)
}
