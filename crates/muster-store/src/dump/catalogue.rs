//! The tables as the database's schema describes them.

use std::collections::BTreeMap;

use muster_core::Result;

use super::{EVENTS, POSITION, Table};
use crate::db::{Row, Tx};
use crate::{search, sql};

/// What the schema says of a table.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// In order of their names.
    pub(super) columns: Vec<Column>,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its place in the primary key, from 1; 0 if it has none.
    key: i64,
    /// PostgreSQL's booleans; SQLite has none.
    pub(super) is_boolean: bool,
    /// The engine gives the numbers.
    is_numbered: bool,
}

impl Described {
    /// The columns of the primary key, in its order; all columns where there is none.
    pub(super) fn key(&self) -> Vec<&str> {
        let mut key: Vec<_> = self.columns.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        if key.is_empty() {
            key = self.columns.iter().collect();
        }
        key.iter().map(|column| column.name.as_str()).collect()
    }

    /// The column whose numbers the engine gives.
    pub(super) fn numbered(&self) -> Option<&str> {
        self.columns.iter().find(|column| column.is_numbered).map(|column| column.name.as_str())
    }
}

/// Every table of the desk by its name. Two are left out: the migrator's own is about the engine's texts, and the index
/// of messages' words is made of the messages.
pub(super) async fn read(tx: &mut Tx) -> Result<BTreeMap<String, Described>> {
    let select = sql!(
        sqlite: "SELECT t.name AS in_table, c.name AS name, c.pk AS key, 0 AS is_boolean,
                c.pk = 1 AND s.sql LIKE '%AUTOINCREMENT%' AS is_numbered
            FROM pragma_table_list AS t
            JOIN sqlite_schema AS s ON s.type = 'table' AND s.name = t.name
            JOIN pragma_table_info(t.name) AS c
            WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'schema_migrations'
            ORDER BY t.name, c.name",
        postgres: "SELECT t.relname::text AS in_table, c.attname::text AS name, COALESCE(k.place, 0)::bigint AS key,
                c.atttypid = 'boolean'::regtype AS is_boolean, c.attidentity <> '' AS is_numbered
            FROM pg_class AS t
            JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
            LEFT JOIN (
                SELECT i.indrelid, u.number, u.place
                FROM pg_index AS i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS u (number, place)
                WHERE i.indisprimary
            ) AS k ON k.indrelid = t.oid AND k.number = c.attnum
            WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND t.relname <> 'schema_migrations'
            ORDER BY t.relname::text COLLATE \"C\", c.attname::text COLLATE \"C\"",
    );
    let mut tables: BTreeMap<String, Described> = BTreeMap::new();
    for row in tx.query(select, &[]).await? {
        if row.get_str("in_table")? == search::INDEX {
            continue;
        }
        tables.entry(row.get("in_table")?).or_default().columns.push(column(&row)?);
    }
    Ok(tables)
}

fn column(row: &Row) -> Result<Column> {
    Ok(Column {
        name: row.get("name")?,
        key: row.get("key")?,
        is_boolean: row.get("is_boolean")?,
        is_numbered: row.get("is_numbered")?,
    })
}

/// A table as a dump holds it.
pub(super) fn dumped(name: &str, described: &Described) -> Table {
    let columns = described.columns.iter().map(|column| column.name.clone());
    let columns = match name {
        EVENTS => {
            let kept = columns.filter(|column| !["id", "pos", "txid"].contains(&column.as_str()));
            std::iter::once(POSITION.to_owned()).chain(kept).collect()
        }
        _ => columns.collect(),
    };
    Table { name: name.to_owned(), columns }
}
