//! Both engines' schemas are the same, as far as their types can be.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use muster_store::{Row, Sql, Store, sql};
use muster_testkit::postgres::{TestEngine, engines};

use crate::place::migrated;

/// What PostgreSQL alone has: the columns and indexes by which events get their positions, and the index of words, which
/// on SQLite is no table as others are.
const POSTGRES_ONLY: [&str; 9] = [
    "events.pos: INTEGER",
    "events.txid: OTHER NOT NULL",
    "events UNIQUE (pos)",
    "events INDEX (id) WHERE",
    "events INDEX (pos)",
    "message_search.message_id: INTEGER NOT NULL",
    "message_search.words: OTHER NOT NULL",
    "message_search UNIQUE (message_id)",
    "message_search INDEX (words)",
];

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_the_same_schema() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let (sqlite, _file) = migrated(TestEngine::Sqlite).await;
    let (postgres, _database) = migrated(TestEngine::Postgres).await;
    let sqlite = sqlite_schema(&sqlite).await;
    let mut postgres = postgres_schema(&postgres).await;
    postgres.retain(|line| !POSTGRES_ONLY.contains(&line.as_str()));
    assert!(sqlite.len() > 100, "the schema was not read: {sqlite:?}");
    let missing: Vec<_> = sqlite.difference(&postgres).collect();
    let extra: Vec<_> = postgres.difference(&sqlite).collect();
    assert!(missing.is_empty() && extra.is_empty(), "only SQLite: {missing:#?}\nonly PostgreSQL: {extra:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_compared_byte_by_byte_on_postgres() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let (store, _database) = migrated(TestEngine::Postgres).await;
    let other = sql!(postgres: "
        SELECT table_name || '.' || column_name AS line FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'schema_migrations' AND data_type = 'text'
            AND collation_name IS DISTINCT FROM 'C'
    ");
    assert_eq!(lines(&store, other).await, BTreeSet::new());
}

#[tokio::test]
async fn every_table_is_strict_on_sqlite() {
    let (store, _file) = migrated(TestEngine::Sqlite).await;
    let lax = sql!(
        sqlite: "SELECT name AS line FROM pragma_table_list
            WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'
                AND name <> 'schema_migrations'",
    );
    assert_eq!(lines(&store, lax).await, BTreeSet::new());
}

/// One line for each column, unique set of columns, other index and foreign key.
async fn sqlite_schema(store: &Store) -> BTreeSet<String> {
    let columns = sql!(
        sqlite: "SELECT t.name || '.' || c.name || ': ' || c.type
                || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' NOT NULL' ELSE '' END AS line
            FROM pragma_table_list AS t JOIN pragma_table_xinfo(t.name) AS c
            WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                AND t.name <> 'schema_migrations'",
    );
    let primary_keys = sql!(
        sqlite: "SELECT t.name || ' UNIQUE (' || (
                SELECT GROUP_CONCAT(name, ', ') FROM (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)
            ) || ')' AS line
            FROM pragma_table_list AS t
            WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                AND t.name <> 'schema_migrations'",
    );
    let indexes = sql!(
        sqlite: "SELECT t.name || CASE i.\"unique\" WHEN 1 THEN ' UNIQUE (' ELSE ' INDEX (' END || (
                SELECT GROUP_CONCAT(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)
            ) || ')' || CASE i.partial WHEN 1 THEN ' WHERE' ELSE '' END AS line
            FROM pragma_table_list AS t JOIN pragma_index_list(t.name) AS i
            WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                AND t.name <> 'schema_migrations'",
    );
    let foreign_keys = sql!(
        sqlite: "SELECT t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || COALESCE(f.\"to\", 'id')
                || ' ' || f.on_delete AS line
            FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name) AS f
            WHERE t.schema = 'main' AND t.type = 'table'",
    );
    all(store, [columns, primary_keys, indexes, foreign_keys]).await
}

async fn postgres_schema(store: &Store) -> BTreeSet<String> {
    let columns = sql!(postgres: "
        SELECT table_name || '.' || column_name || ': '
            || CASE data_type
                WHEN 'bigint' THEN 'INTEGER' WHEN 'boolean' THEN 'INTEGER' WHEN 'text' THEN 'TEXT'
                WHEN 'double precision' THEN 'REAL' ELSE 'OTHER'
            END
            || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END AS line
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
    ");
    let indexes = sql!(postgres: "
        SELECT t.relname || CASE WHEN i.indisunique THEN ' UNIQUE (' ELSE ' INDEX (' END || (
                SELECT string_agg(a.attname, ', ' ORDER BY k.place)
                FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place)
                JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.number
            ) || ')' || CASE WHEN i.indpred IS NULL THEN '' ELSE ' WHERE' END AS line
        FROM pg_index AS i
        JOIN pg_class AS t ON t.oid = i.indrelid
        WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> 'schema_migrations'
    ");
    let foreign_keys = sql!(postgres: "
        SELECT t.relname || '.' || a.attname || ' -> ' || o.relname || '.' || b.attname || ' '
            || CASE c.confdeltype
                WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'r' THEN 'RESTRICT'
                ELSE 'SET DEFAULT'
            END AS line
        FROM pg_constraint AS c
        JOIN pg_class AS t ON t.oid = c.conrelid
        JOIN pg_class AS o ON o.oid = c.confrelid
        CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (here, there)
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.here
        JOIN pg_attribute AS b ON b.attrelid = o.oid AND b.attnum = k.there
        WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace
    ");
    all(store, [columns, indexes, foreign_keys]).await
}

async fn all<const N: usize>(store: &Store, queries: [Sql; N]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for query in queries {
        all.extend(lines(store, query).await);
    }
    all
}

async fn lines(store: &Store, query: Sql) -> BTreeSet<String> {
    let rows = store.read(move |tx| async move { tx.query(query, &[]).await }.boxed()).await;
    let line = |row: &Row| row.get("line").expect("a line");
    rows.expect("the schema is read").iter().map(line).collect()
}
