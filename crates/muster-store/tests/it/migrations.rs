//! The migrator.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::FutureExt as _;
use muster_store::migrate::{MIGRATIONS, Migration, Schema, check, migrate, schema_version};
use muster_store::{Store, db_error, sql};
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use crate::place::{NOW, Place};

const FIRST: Migration = same(1, "0001_first", "CREATE TABLE first (id BIGINT PRIMARY KEY)");
const SECOND: Migration =
    same(2, "0002_second", "CREATE TABLE second (id BIGINT PRIMARY KEY); INSERT INTO first (id) VALUES (7)");
const BROKEN: Migration =
    same(2, "0002_broken", "CREATE TABLE second (id BIGINT PRIMARY KEY); INSERT INTO nowhere (id) VALUES (7)");
const EDITED: Migration = same(1, "0001_first", "CREATE TABLE first (id BIGINT PRIMARY KEY, name TEXT)");

/// A migration with one text for both engines.
const fn same(number: i64, name: &'static str, text: &'static str) -> Migration {
    Migration { number, name, sqlite: text, postgres: text }
}

async fn an_empty_database_gets_all_migrations(engine: TestEngine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    assert_eq!(schema_version(&store).await.expect("the version"), 0);
    assert_eq!(check(&store, &[FIRST, SECOND]).await.expect("the schema"), Schema::Empty);
    migrate(&store, &[FIRST, SECOND], NOW).await.expect("both apply");
    assert_eq!(schema_version(&store).await.expect("the version"), 2);
    assert_eq!(check(&store, &[FIRST, SECOND]).await.expect("the schema"), Schema::Current);
    migrate(&store, &[FIRST, SECOND], NOW).await.expect("there is nothing to do");
    assert_eq!(first_ids(&store).await, [7]);
}

async fn an_older_database_gets_what_is_missing(engine: TestEngine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    migrate(&store, &[FIRST], NOW).await.expect("the first applies");
    let older = Schema::Older { database: 1, program: 2 };
    assert_eq!(check(&store, &[FIRST, SECOND]).await.expect("the schema"), older);
    migrate(&store, &[FIRST, SECOND], NOW).await.expect("the second applies");
    assert_eq!(first_ids(&store).await, [7]);
}

async fn a_newer_database_is_refused(engine: TestEngine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    migrate(&store, &[FIRST, SECOND], NOW).await.expect("both apply");
    let newer = Schema::Newer { database: 2, program: 1 };
    assert_eq!(check(&store, &[FIRST]).await.expect("the schema"), newer);
    let error = migrate(&store, &[FIRST], NOW).await.expect_err("the program is too old");
    assert!(db_error(&error).expect("a cause").message.contains("newer than this program"), "{error:?}");
}

async fn an_edited_migration_is_refused(engine: TestEngine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    migrate(&store, &[FIRST], NOW).await.expect("the first applies");
    check(&store, &[EDITED]).await.expect_err("the text has changed");
    let error = migrate(&store, &[EDITED, SECOND], NOW).await.expect_err("the text has changed");
    assert!(db_error(&error).expect("a cause").message.contains("0001_first"), "{error:?}");
    assert_eq!(schema_version(&store).await.expect("the version"), 1);
}

async fn a_failing_migration_leaves_nothing_behind(engine: TestEngine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    migrate(&store, &[FIRST, BROKEN], NOW).await.expect_err("the second can't apply");
    assert_eq!(schema_version(&store).await.expect("the version"), 1);
    migrate(&store, &[FIRST, SECOND], NOW).await.expect("its table isn't there yet");
    assert_eq!(first_ids(&store).await, [7]);
}

async fn two_that_migrate_at_once_do_it_once(engine: TestEngine) {
    let place = Place::empty(engine).await;
    let (one, other) = (place.open().await, place.open().await);
    let (first, second) = tokio::join!(migrate(&one, &[FIRST, SECOND], NOW), migrate(&other, &[FIRST, SECOND], NOW));
    first.expect("the one migrates or finds it done");
    second.expect("the other migrates or finds it done");
    assert_eq!(first_ids(&one).await, [7]);
}

async fn the_desks_own_schema_applies(engine: TestEngine) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    migrate(&store, MIGRATIONS, NOW).await.expect("all apply");
    assert_eq!(check(&store, MIGRATIONS).await.expect("the schema"), Schema::Current);
}

both_engines!(
    an_empty_database_gets_all_migrations,
    an_older_database_gets_what_is_missing,
    a_newer_database_is_refused,
    an_edited_migration_is_refused,
    a_failing_migration_leaves_nothing_behind,
    two_that_migrate_at_once_do_it_once,
    the_desks_own_schema_applies,
);

#[test]
fn the_migrations_are_the_files_in_both_folders() {
    let listed: BTreeSet<String> = MIGRATIONS.iter().map(|migration| format!("{}.sql", migration.name)).collect();
    for engine in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let files = folder.read_dir().expect("the folder").map(|entry| entry.expect("an entry").file_name());
        let files: BTreeSet<String> = files.map(|name| name.into_string().expect("a plain name")).collect();
        assert_eq!(files, listed, "{engine}");
    }
    for (place, migration) in MIGRATIONS.iter().enumerate() {
        assert_eq!(migration.number, i64::try_from(place).expect("a small number") + 1);
        assert!(migration.name.starts_with(&format!("{:04}_", migration.number)), "{}", migration.name);
    }
}

async fn first_ids(store: &Store) -> Vec<i64> {
    let rows = store.read(|tx| async move { tx.query(sql!("SELECT id FROM first"), &[]).await }.boxed()).await;
    rows.expect("the table is there").iter().map(|row| row.get("id").expect("an id")).collect()
}
