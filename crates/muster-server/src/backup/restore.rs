//! Making a desk from a backup, where there is none.
//!
//! The database's one transaction decides: before its commit there is no desk. A marker in the data directory says that
//! the files beside the database may be there without it; it is written first and removed last, so that a restore
//! which was killed can be run again, and `serve` doesn't make a new desk of what it left.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use muster_app::{Clock as _, SystemClock};
use muster_core::Timestamp;
use muster_store::db::{DbErrorKind, Engine, Process, Store, Tx, db_error};
use muster_store::dump::{self, Source};
use muster_store::migrate::{MIGRATIONS, Schema};

use super::cipher::Passphrase;
use super::files;
use super::manifest::{Heading, Summary};
use super::reader::{Item, Reader, verify};
use crate::config::Config;
use crate::data::DataDir;
use crate::desk;
use crate::exit::Usage;

/// Makes the desk that `config` names from a backup.
///
/// # Errors
/// [`Usage`] if there is a desk already, or the backup is of a newer version; what is wrong with the backup. Nothing is
/// left behind then.
pub(crate) async fn restore(config: &Config, backup: &Path, passphrase: Option<&Passphrase>) -> Result<Summary> {
    let summary = verify(backup, passphrase).with_context(|| format!("{} is not restored", backup.display()))?;
    refuse_newer(&summary)?;
    let data = DataDir::new(&config.server.data);
    refuse_files(&data)?;
    let is_new = !data.path().exists();
    data.create()?;
    let restored = into(config, &data, backup, passphrase).await;
    if restored.is_err() && is_new {
        // Stays if there is something in it.
        drop(fs::remove_dir(data.path()));
    }
    restored.map(|()| summary)
}

async fn into(config: &Config, data: &DataDir, backup: &Path, passphrase: Option<&Passphrase>) -> Result<()> {
    let store = desk::open_store(config, Process::Serve, desk::DEADLINE).await?;
    let restored = into_empty(&store, data, backup, passphrase).await;
    store.close().await;
    restored
}

fn refuse_newer(summary: &Summary) -> Result<(), Usage> {
    let program = MIGRATIONS.last().map_or(0, |migration| migration.number);
    if summary.schema > program {
        return Err(Usage::new(format!(
            "the backup is of schema version {}, newer than this program's {program}: use the program that wrote it, {}",
            summary.schema, summary.program
        )));
    }
    Ok(())
}

/// A desk's files are there, and not left by an unfinished restore.
fn refuse_files(data: &DataDir) -> Result<(), Usage> {
    match files::any(data) {
        Some(path) if !marker(data).exists() => Err(Usage::new(format!(
            "{} is there already: a desk is restored into an empty data directory only. Name another one with --data, \
             or move this one away",
            path.display()
        ))),
        _ => Ok(()),
    }
}

async fn into_empty(store: &Store, data: &DataDir, backup: &Path, passphrase: Option<&Passphrase>) -> Result<()> {
    let _lock = desk::serve_lock(store).await?;
    if !store.read(|tx| Box::pin(dump::is_empty(tx))).await? {
        let message = "there are tables in the database already: a desk is restored into an empty one only. Name \
                       another one with --data or --database";
        return Err(Usage::new(message).into());
    }
    mark(data)?;
    let (place, from, with) = (data.clone(), backup.to_owned(), passphrase.cloned());
    let now = SystemClock.now();
    let loaded = store.write(move |tx| {
        let (place, from, with) = (place.clone(), from.clone(), with.clone());
        Box::pin(async move { load(tx, &place, &from, with.as_ref(), now).await.map_err(muster_core::Error::internal) })
    });
    match loaded.await {
        Ok(()) => unmark(data),
        Err(error) if db_error(&error).is_some_and(|error| error.kind == DbErrorKind::Unknown) => {
            Err(error).context("the database didn't say whether it took the desk: start `muster serve` to find out")
        }
        Err(error) => {
            undo(store, data).await?;
            Err(error).with_context(|| format!("{} can't be restored", backup.display()))
        }
    }
}

async fn load(
    tx: &mut Tx,
    data: &DataDir,
    backup: &Path,
    passphrase: Option<&Passphrase>,
    now: Timestamp,
) -> Result<()> {
    files::remove(data)?;
    let mut reader = Reader::open(backup, passphrase)?;
    let contents = reader.manifest.contents.clone();
    let mut rows = Rows { next: write_files(&mut reader, data)?, reader };
    Ok(dump::load(tx, &contents, &mut rows, MIGRATIONS, now).await?)
}

/// Writes the stored files, and answers with the heading behind them.
fn write_files(reader: &mut Reader, data: &DataDir) -> Result<Option<Heading>> {
    loop {
        match reader.next()? {
            Item::Heading(Heading::File(stored)) => {
                let mut file = files::create(data, &stored.name)?;
                reader.copy_file(&stored, &mut file)?;
                file.sync_all()?;
            }
            Item::Heading(heading) => {
                files::sync(data)?;
                return Ok(Some(heading));
            }
            Item::Row(_) => anyhow::bail!("there is a row before the first table"),
        }
    }
}

/// The tables of a backup, behind its files.
struct Rows {
    reader: Reader,
    /// A heading that has been read and not yet been handed out.
    next: Option<Heading>,
}

impl Source for Rows {
    fn next_table(&mut self) -> muster_core::Result<Option<String>> {
        match self.next.take() {
            Some(Heading::Table(name)) => Ok(Some(name)),
            _ => Ok(None),
        }
    }

    fn next_row(&mut self) -> muster_core::Result<Option<Vec<u8>>> {
        match self.reader.next().map_err(muster_core::Error::internal)? {
            Item::Row(line) => Ok(Some(line)),
            Item::Heading(heading) => {
                self.next = Some(heading);
                Ok(None)
            }
        }
    }
}

/// Says that what is in the data directory may be half a desk.
fn marker(data: &DataDir) -> PathBuf {
    data.path().join("restore.unfinished")
}

fn mark(data: &DataDir) -> Result<()> {
    let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(marker(data));
    made.and_then(|file| file.sync_all()).and_then(|()| sync(data)).context("the data directory can't be written to")
}

fn unmark(data: &DataDir) -> Result<()> {
    match fs::remove_file(marker(data)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(sync(data)?),
    }
}

fn sync(data: &DataDir) -> io::Result<()> {
    File::open(data.path())?.sync_all()
}

/// Removes what was written beside the database, and a SQLite file, which has nothing in it.
async fn undo(store: &Store, data: &DataDir) -> Result<()> {
    store.close().await;
    files::remove(data)?;
    if store.engine() == Engine::Sqlite {
        for ending in ["", "-wal", "-shm"] {
            let mut path = data.database().into_os_string();
            path.push(ending);
            drop(fs::remove_file(path));
        }
    }
    unmark(data)
}

/// Looks, before a desk is served, for what a restore may have left.
///
/// # Errors
/// [`Usage`] if it was cut short.
pub(crate) fn settle(data: &DataDir, schema: Schema) -> Result<()> {
    if !marker(data).exists() {
        return Ok(());
    }
    if schema == Schema::Empty {
        let place = data.path().display();
        let message = format!(
            "a restore into {place} was cut short: run `muster restore` again, or remove {} and begin a new desk",
            marker(data).display()
        );
        return Err(Usage::new(message).into());
    }
    unmark(data)
}
