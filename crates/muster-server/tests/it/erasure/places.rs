//! Where a word stands: every column of every table, as the catalogue lists them, and every byte of every file.

use std::collections::BTreeMap;
use std::path::Path;

use muster_store::{Engine, SqlBuf, Store, Tx};

/// Every `table.column` that holds the word, in whatever case.
pub(super) async fn in_tables(store: &Store, word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let read = store.read(move |tx| {
        let word = word.clone();
        Box::pin(async move {
            let mut found = Vec::new();
            for (table, columns) in columns(tx).await? {
                for column in columns {
                    // Statements are static texts; a test's few may leak.
                    let select = format!(
                        "SELECT COUNT(*) AS count FROM \"{table}\" WHERE lower(CAST(\"{column}\" AS TEXT)) LIKE '%{word}%'"
                    );
                    let rows = tx.query_buf(&SqlBuf::new(select.leak())).await?;
                    if rows[0].get::<i64>("count")? > 0 {
                        found.push(format!("{table}.{column}"));
                    }
                }
            }
            Ok(found)
        })
    });
    read.await.unwrap()
}

/// The columns of all tables; of an index of words, those of the tables that it is kept in.
async fn columns(tx: &mut Tx) -> muster_core::Result<BTreeMap<String, Vec<String>>> {
    let select = match tx.engine() {
        Engine::Sqlite => {
            "SELECT t.name AS in_table, c.name AS name FROM sqlite_schema t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL TABLE%' ORDER BY 1, 2"
        }
        Engine::Postgres => {
            "SELECT t.relname::text AS in_table, c.attname::text AS name
             FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
             WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 2"
        }
    };
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in tx.query_buf(&SqlBuf::new(select)).await? {
        columns.entry(row.get("in_table")?).or_default().push(row.get("name")?);
    }
    assert!(columns.len() > 30, "the catalogue is read");
    Ok(columns)
}

/// The `count` of a statement.
pub(super) async fn count(store: &Store, select: &'static str) -> i64 {
    let read = store.read(move |tx| Box::pin(async move { tx.query_buf(&SqlBuf::new(select)).await?[0].get("count") }));
    read.await.unwrap()
}

/// Every file below a directory that holds the word, with its first letter in whatever case.
pub(super) fn in_files(directory: &Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(in_files(&path, word));
        } else if holds(&std::fs::read(&path).unwrap(), word.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}
