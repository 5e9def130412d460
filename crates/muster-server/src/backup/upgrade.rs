//! Bringing an older desk's tables up to date, with a way back.

use std::fmt;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use muster_core::Timestamp;
use muster_store::db::Store;
use muster_store::migrate::{Migration, Schema, check, migrate};

use super::take::take;
use crate::data::DataDir;

/// Migrates the desk if need be, and keeps a copy of an older one before.
///
/// # Errors
/// Why the copy can't be written, or the database not be migrated; then also how to go back.
pub(crate) async fn bring_up_to_date(
    store: &Store,
    data: &DataDir,
    copies_postgres: bool,
    migrations: &'static [Migration],
    now: Timestamp,
) -> Result<()> {
    let Schema::Older { database, program } = check(store, migrations).await? else {
        return Ok(migrate(store, migrations, now).await?);
    };
    let kept = keep(store, data, copies_postgres, database, now).await.context(
        "the desk is not changed, because it can't be copied first. Make room in the data directory, then try again",
    )?;
    tracing::info!(from = database, to = program, way_back = %kept, "bringing the database up to date");
    let migrated = migrate(store, migrations, now).await;
    migrated.with_context(|| {
        format!("the database can't be brought from version {database} to {program}. To go back: {kept}")
    })
}

/// The copy that was kept, and what to do with it.
enum Kept {
    /// A copy of the SQLite file.
    Database {
        copy: PathBuf,
        file: PathBuf,
    },
    /// A backup of a desk on PostgreSQL.
    Backup(PathBuf),
    Nothing,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database { copy, file } => write!(
                f,
                "stop the desk, remove {0}-wal and {0}-shm, copy {1} over {0}, and start the program that you had before",
                file.display(),
                copy.display()
            ),
            Self::Backup(file) => write!(
                f,
                "with the program that you had before, `muster restore {}` into an empty database and an empty data \
                 directory",
                file.display()
            ),
            Self::Nothing => f.write_str("no copy was kept (backup.before_upgrade is off): restore your own"),
        }
    }
}

async fn keep(store: &Store, data: &DataDir, copies_postgres: bool, version: i64, now: Timestamp) -> Result<Kept> {
    let directory = data.path().join("snapshots");
    let kept = copy(store, data, copies_postgres, &directory, version, now).await?;
    // A migration that fails at every start would fill the disk with copies.
    match &kept {
        Kept::Database { copy, .. } | Kept::Backup(copy) => remove_others(&directory, version, copy)?,
        Kept::Nothing => {}
    }
    Ok(kept)
}

/// Removes the copies of a version beside the newest.
fn remove_others(directory: &Path, version: i64, newest: &Path) -> Result<()> {
    let prefix = format!("version-{version}-");
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_of_version =
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&prefix));
        if is_of_version && path != newest {
            fs::remove_file(&path).with_context(|| format!("{} can't be removed", path.display()))?;
        }
    }
    Ok(())
}

async fn copy(
    store: &Store,
    data: &DataDir,
    copies_postgres: bool,
    directory: &Path,
    version: i64,
    now: Timestamp,
) -> Result<Kept> {
    let named = |ending: &str| directory.join(format!("version-{version}-{}.{ending}", super::stamp(now)));
    match store.file() {
        Some(file) => {
            create(directory)?;
            let copy = named("db");
            store.copy_to(&copy).await.with_context(|| format!("{} can't be written", copy.display()))?;
            Ok(Kept::Database { copy, file: file.to_owned() })
        }
        None if copies_postgres => {
            create(directory)?;
            let copy = named("backup");
            take(store, data, &copy, None, now).await?;
            Ok(Kept::Backup(copy))
        }
        None => Ok(Kept::Nothing),
    }
}

/// Makes a directory for the owner only, unless it is there.
pub(super) fn create(directory: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.with_context(|| format!("{} can't be made", directory.display()))
}

#[cfg(test)]
mod tests {
    use muster_store::db::{Database, StoreOptions};
    use muster_store::migrate::{MIGRATIONS, schema_version};
    use muster_testkit::both_engines;
    use muster_testkit::postgres::{TestDatabase, TestEngine, empty_database, engines};
    use tempfile::TempDir;

    use super::*;
    use crate::backup::verify;
    use crate::exit::words;

    const NOW: Timestamp = Timestamp::from_millis(1_756_375_200_000);

    /// A desk of the program's version.
    struct Desk {
        store: Store,
        data: DataDir,
        _directory: TempDir,
        _database: Option<TestDatabase>,
    }

    impl Desk {
        async fn new(engine: TestEngine) -> Self {
            let directory = tempfile::tempdir().unwrap();
            let data = DataDir::new(&directory.path().join("data"));
            data.create().unwrap();
            let server = match engine {
                TestEngine::Sqlite => None,
                TestEngine::Postgres => Some(empty_database().await),
            };
            let database = server
                .as_ref()
                .map_or_else(|| Database::Sqlite(data.database()), |server| Database::Postgres(server.url()));
            let store = Store::open(StoreOptions::new(database)).await.unwrap();
            let desk = Self { store, data, _directory: directory, _database: server };
            desk.bring_up_to_date(MIGRATIONS, true).await.unwrap();
            assert_eq!(desk.kept(), Vec::<PathBuf>::new(), "an empty database has nothing to keep");
            desk
        }

        async fn bring_up_to_date(&self, migrations: &'static [Migration], copies: bool) -> Result<()> {
            bring_up_to_date(&self.store, &self.data, copies, migrations, NOW).await
        }

        fn kept(&self) -> Vec<PathBuf> {
            let entries = self.data.path().join("snapshots").read_dir().into_iter().flatten();
            entries.map(|entry| entry.unwrap().path()).collect()
        }

        async fn version(&self) -> i64 {
            schema_version(&self.store).await.unwrap()
        }
    }

    fn program() -> i64 {
        MIGRATIONS.last().unwrap().number
    }

    /// The program's migrations and one more.
    fn with(text: &'static str) -> &'static [Migration] {
        let further = Migration { number: program() + 1, name: "9999_further", sqlite: text, postgres: text };
        [MIGRATIONS, &[further]].concat().leak()
    }

    async fn an_older_desk_is_kept_before_it_changes(engine: TestEngine) {
        let desk = Desk::new(engine).await;
        desk.bring_up_to_date(with("ALTER TABLE settings ADD COLUMN note TEXT"), true).await.unwrap();
        assert_eq!(desk.version().await, program() + 1);
        assert_old(engine, &desk.kept()).await;
        desk.bring_up_to_date(with("ALTER TABLE settings ADD COLUMN note TEXT"), true).await.unwrap();
        assert_eq!(desk.kept().len(), 1, "there was nothing to do");
        desk.store.close().await;
    }

    /// The one copy that was kept is of the program's version.
    async fn assert_old(engine: TestEngine, kept: &[PathBuf]) {
        let [copy] = kept else { panic!("{kept:?}") };
        let version = match engine {
            TestEngine::Sqlite => {
                let store = Store::open(StoreOptions::new(Database::Sqlite(copy.clone()))).await.unwrap();
                let version = schema_version(&store).await.unwrap();
                store.close().await;
                version
            }
            TestEngine::Postgres => verify(copy, None).unwrap().schema,
        };
        assert_eq!(version, program());
    }

    async fn a_migration_that_fails_says_how_to_go_back(engine: TestEngine) {
        let desk = Desk::new(engine).await;
        let failed = desk.bring_up_to_date(with("INSERT INTO nowhere (id) VALUES (1)"), true).await.unwrap_err();
        let (told, kept) = (words(&failed), desk.kept());
        assert!(told.contains("To go back") && told.contains(&kept[0].display().to_string()), "{told}");
        assert!(told.contains("nowhere"), "{told}");
        assert_eq!(desk.version().await, program());
        assert_old(engine, &kept).await;
        desk.store.close().await;
    }

    async fn a_desk_that_cant_be_kept_is_not_changed(engine: TestEngine) {
        let desk = Desk::new(engine).await;
        fs::write(desk.data.path().join("snapshots"), "in the way").unwrap();
        let failed = desk.bring_up_to_date(with("ALTER TABLE settings ADD COLUMN note TEXT"), true).await.unwrap_err();
        assert!(words(&failed).contains("the desk is not changed"), "{}", words(&failed));
        assert_eq!(desk.version().await, program());
        desk.store.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_desk_on_postgres_may_do_without() {
        if !engines().contains(&TestEngine::Postgres) {
            return;
        }
        let desk = Desk::new(TestEngine::Postgres).await;
        desk.bring_up_to_date(with("ALTER TABLE settings ADD COLUMN note TEXT"), false).await.unwrap();
        assert_eq!((desk.version().await, desk.kept().len()), (program() + 1, 0));
        desk.store.close().await;
    }

    both_engines!(
        an_older_desk_is_kept_before_it_changes,
        a_migration_that_fails_says_how_to_go_back,
        a_desk_that_cant_be_kept_is_not_changed,
    );
}
