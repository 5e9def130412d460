//! What stands in the tables, for tests that nothing has changed.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use muster_core::Result;
use muster_store::{Engine, Row, SqlBuf, Store, Tx};

/// Columns that are stamped by the mere use of an account, by the sequencer in its own time, or for it.
const STAMPS: [(&str, &str); 5] = [
    ("agents", "last_active_at"),
    ("agents", "last_login_at"),
    ("api_keys", "last_used_at"),
    ("events", "pos"),
    ("events", "txid"),
];

/// Tables that say nothing about the desk: numbers that were drawn stand in the rows they were drawn for, and calls are
/// counted whatever they ask for.
const LEFT_OUT: [&str; 4] = ["counters", "cursors", "integration_calls", "schema_migrations"];

/// The index of messages' words follows from the messages; how SQLite spreads it over its tables says nothing.
const INDEX: &str = "message_search";

/// Rows and their hash by table. Two digests are equal if nothing has changed but stamps of use; `{:?}` of two unequal
/// ones shows which table has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest(BTreeMap<String, (usize, u64)>);

impl Digest {
    /// The tables in which `self` and `other` differ.
    #[must_use]
    pub fn changed_since(&self, other: &Self) -> Vec<String> {
        let tables = self.0.keys().filter(|table| self.0.get(*table) != other.0.get(*table));
        tables.cloned().collect()
    }

    /// What stands in a store's tables now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn of(store: &Store) -> Result<Self> {
        store.read(|tx| Box::pin(read(tx))).await
    }
}

async fn read(tx: &mut Tx) -> Result<Digest> {
    let mut tables = BTreeMap::new();
    for (table, columns) in columns(tx).await? {
        let lines = lines(tx, &table, &columns).await?;
        let mut hash = DefaultHasher::new();
        lines.hash(&mut hash);
        tables.insert(table, (lines.len(), hash.finish()));
    }
    Ok(Digest(tables))
}

/// What is looked at of each table.
async fn columns(tx: &mut Tx) -> Result<BTreeMap<String, Vec<String>>> {
    let select = match tx.engine() {
        Engine::Sqlite => {
            "SELECT t.name AS in_table, c.name AS name FROM sqlite_schema t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
        }
        Engine::Postgres => {
            "SELECT t.relname::text AS in_table, c.attname::text AS name
             FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
             WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 2"
        }
    };
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in tx.query_buf(&SqlBuf::new(select)).await? {
        let (table, column): (String, String) = (row.get("in_table")?, row.get("name")?);
        if !LEFT_OUT.contains(&table.as_str()) && !table.starts_with(INDEX) && !STAMPS.contains(&(&table, &column)) {
            columns.entry(table).or_default().push(column);
        }
    }
    Ok(columns)
}

/// Every row of a table as a text, in order.
async fn lines(tx: &mut Tx, table: &str, columns: &[String]) -> Result<Vec<String>> {
    let cells: Vec<String> = match tx.engine() {
        Engine::Sqlite => columns.iter().map(|column| format!("quote(\"{column}\")")).collect(),
        Engine::Postgres => columns.iter().map(|column| format!("quote_nullable(\"{column}\"::text)")).collect(),
    };
    let select = format!("SELECT {} AS name FROM \"{table}\" ORDER BY 1", cells.join(" || ',' || "));
    // Statements are static texts; a test's few may leak.
    names(&tx.query_buf(&SqlBuf::new(select.leak())).await?)
}

fn names(rows: &[Row]) -> Result<Vec<String>> {
    rows.iter().map(|row| row.get("name")).collect()
}
