//! From the tables to lines.

use muster_core::Result;

use super::catalogue::{Described, dumped};
use super::{Contents, EVENTS, POSITION, Table, catalogue, numbers, row};
use crate::db::{DbError, DbErrorKind, Engine, SqlBuf, Tx, ValueRef};
use crate::migrate;

/// What a dump of this database holds.
///
/// # Errors
/// As [`Tx::query`].
pub async fn contents(tx: &mut Tx) -> Result<Contents> {
    let schema = migrate::version(tx).await?;
    let tables = catalogue::read(tx).await?;
    let numbers = numbers::read(tx, &tables).await?;
    let tables = tables.iter().map(|(name, described)| dumped(name, described)).collect();
    Ok(Contents { schema, numbers, tables })
}

/// Hands each row of a table to `out`, as a line without its end, in order of the primary key; tells how many they are.
///
/// # Errors
/// As [`Tx::query`]; those of `out`, which end the reading.
pub async fn write_rows(tx: &mut Tx, table: &Table, out: &mut (dyn FnMut(&[u8]) -> Result<()> + Send)) -> Result<u64> {
    let described = catalogue::read(tx).await?.remove(&table.name);
    let described = described.ok_or_else(|| DbError::error(DbErrorKind::Shape, format!("no table {}", table.name)))?;
    let mut lines = Lines { line: Vec::new(), count: 0, out };
    if table.name == EVENTS && tx.engine() == Engine::Postgres {
        write_events(tx, table, &mut lines).await?;
    } else {
        let select = select(table, &described);
        tx.each_row(&select, &mut |cells| lines.write(cells)).await?;
    }
    Ok(lines.count)
}

struct Lines<'o> {
    line: Vec<u8>,
    count: u64,
    out: &'o mut (dyn FnMut(&[u8]) -> Result<()> + Send),
}

impl Lines<'_> {
    fn write(&mut self, cells: &[ValueRef<'_>]) -> Result<()> {
        self.line.clear();
        row::write(cells, &mut self.line)?;
        self.count += 1;
        (self.out)(&self.line)
    }
}

fn select(table: &Table, described: &Described) -> SqlBuf {
    let mut select = SqlBuf::new("SELECT ");
    push_columns(&mut select, table, "id");
    select.push(" FROM ").name(&table.name);
    if table.name == "counters" {
        select.push(" WHERE name NOT IN ").bind_list([numbers::PEOPLE, numbers::EVENT_POS]);
    }
    for (at, column) in described.key().into_iter().enumerate() {
        select.push(if at == 0 { " ORDER BY " } else { ", " }).name(column);
    }
    select
}

fn push_columns(select: &mut SqlBuf, table: &Table, position: &str) {
    for (at, column) in table.columns.iter().enumerate() {
        let is_position = table.name == EVENTS && column == POSITION;
        select.push(if at == 0 { "" } else { ", " }).name(if is_position { position } else { column });
    }
}

/// Events in their order. Those that haven't got their position yet come last, as the sequencer would stamp them.
async fn write_events(tx: &mut Tx, table: &Table, lines: &mut Lines<'_>) -> Result<()> {
    let mut stamped = SqlBuf::new("SELECT ");
    push_columns(&mut stamped, table, "pos");
    stamped.push(" FROM events WHERE pos IS NOT NULL ORDER BY pos");
    tx.each_row(&stamped, &mut |cells| lines.write(cells)).await?;

    let mut last = numbers::stamped(tx).await?;
    let mut unstamped = SqlBuf::new("SELECT ");
    push_columns(&mut unstamped, table, "pos");
    unstamped.push(" FROM events WHERE pos IS NULL ORDER BY id");
    let mut stamp = |cells: &[ValueRef<'_>]| {
        last += 1;
        let mut cells = cells.to_vec();
        cells[0] = ValueRef::Int(last);
        lines.write(&cells)
    };
    tx.each_row(&unstamped, &mut stamp).await
}
