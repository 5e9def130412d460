//! Connections and their settings.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use muster_core::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::translate;
use crate::db::Durability;
use crate::db::error::{DbError, DbErrorKind};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
    Keeper,
}

/// Well above the number of statements in the sources.
const CACHED_STATEMENTS: usize = 512;
/// How long the writer waits for another process to finish its transaction.
const WRITER_PATIENCE: Duration = Duration::from_secs(5);
/// How long a checkpoint may hold the writer up while it waits for readers.
const KEEPER_PATIENCE: Duration = Duration::from_millis(500);

/// Makes sure that the file is there, for its owner's eyes only.
pub(super) fn prepare_file(path: &Path, may_create: bool) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    if !may_create {
        return Err(DbError::error(DbErrorKind::Other, format!("there is no database at {}", path.display())));
    }
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(Error::internal)?;
    }
    // SQLite gives its log and shared-memory files the mode of the database file.
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(Error::internal)?;
    Ok(())
}

pub(super) fn open(path: &Path, role: Role, durability: Durability) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| translate(&error))?;
    configure(&connection, role, durability).map_err(|error| translate(&error))?;
    Ok(connection)
}

fn configure(connection: &Connection, role: Role, durability: Durability) -> rusqlite::Result<()> {
    connection.busy_timeout(if role == Role::Keeper { KEEPER_PATIENCE } else { WRITER_PATIENCE })?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // A plan depends on the statement alone, never on the values that happen to be bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // "…" is a name and never, by mistake, a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Off => "OFF",
    };
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = {synchronous};
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA mmap_size = 0;
         PRAGMA cache_size = -8192;
         PRAGMA secure_delete = ON;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA query_only = {};",
        if role == Role::Reader { "ON" } else { "OFF" }
    ))
}

/// Lets the database grow to `bytes` at the most; beyond that the disk counts as full.
pub(super) fn limit_size(connection: &Connection, bytes: u64) -> Result<()> {
    let limit = || -> rusqlite::Result<()> {
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = (i64::try_from(bytes).unwrap_or(i64::MAX) / page).max(1);
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
    };
    limit().map_err(|error| translate(&error))
}

/// Opens a file that nobody else works on, to read it as it is.
pub(super) fn open_copy(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| translate(&error))
}

/// Writes a consistent copy of the database at `from` to the file `to`, also while it is in use. The copy has its name
/// when it is whole and on the disk.
pub(in crate::db) fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(".part");
    let unfinished = Path::new(&unfinished);
    let named = copy_unnamed(from, unfinished).and_then(|()| {
        std::fs::File::open(unfinished).and_then(|file| file.sync_all()).map_err(Error::internal)?;
        std::fs::rename(unfinished, to).map_err(Error::internal)
    });
    if named.is_err() {
        // Nobody would ever look at it again, and the disk may be full of it.
        drop(std::fs::remove_file(unfinished));
    }
    named
}

/// Writes a consistent copy of the database at `from` over whatever an interrupted copy has left at `to`.
pub(super) fn copy_unnamed(from: &Path, to: &Path) -> Result<()> {
    drop(std::fs::remove_file(to));
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(Error::internal)?;
    let connection = open(from, Role::Keeper, Durability::Full)?;
    let target = to.to_str().ok_or_else(|| Error::internal("the path of the copy is not UTF-8"))?;
    let copied = connection.execute("VACUUM INTO ?1", [target]);
    // Also a full disk: it is the copy's, not the desk's.
    copied
        .map(drop)
        .map_err(|error| DbError::error(DbErrorKind::Other, format!("the database can't be copied: {error}")))
}

/// Copies all that the log of the database at `path` holds to the database file, and empties the log.
pub(in crate::db) fn empty_log(path: &Path) -> Result<()> {
    let connection = open(path, Role::Keeper, Durability::Full)?;
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    match busy.map_err(|error| translate(&error))? {
        0 => Ok(()),
        _ => Err(DbError::error(DbErrorKind::Other, "the log can't be emptied while somebody reads from it")),
    }
}
