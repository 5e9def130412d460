//! Making a backup, also of a desk that is served meanwhile.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use muster_app::OsEntropy;
use muster_core::Timestamp;
use muster_store::db::{Engine, Store, Tx};
use muster_store::dump;

use super::cipher::Passphrase;
use super::header::Sealing;
use super::manifest::{Counts, Heading, Manifest, Summary};
use super::writer::Writer;
use super::{files, reader};
use crate::data::DataDir;
use crate::exit::Usage;

/// Writes a backup to the new file `target`, encrypted if there is a passphrase. The file has its name when it is whole,
/// on the disk, and has been read again.
///
/// # Errors
/// [`Usage`] if `target` is there already; why the backup can't be written. Nothing is left behind then.
pub(crate) async fn take(
    store: &Store,
    data: &DataDir,
    target: &Path,
    passphrase: Option<&Passphrase>,
    now: Timestamp,
) -> Result<Summary> {
    refuse_existing(target)?;
    let part = Part::create(target)?;
    let sealed = passphrase.map(|passphrase| (Sealing::new(&OsEntropy), passphrase));
    let writer = Writer::new(part.file.try_clone()?, sealed)?;
    let data = data.clone();
    let written = store.snapshot(&part.scratch(), move |tx| Box::pin(write(tx, writer, data, now))).await;
    written.with_context(|| format!("{} can't be written", target.display()))?;
    let (path, with) = (part.path.clone(), passphrase.cloned());
    let verified = tokio::task::spawn_blocking(move || reader::verify(&path, with.as_ref())).await?;
    let summary = verified.context("the backup was written, but it can't be read again")?;
    refuse_existing(target)?;
    part.name(target)?;
    Ok(summary)
}

fn refuse_existing(target: &Path) -> Result<(), Usage> {
    match target.symlink_metadata() {
        Ok(_) => Err(Usage::new(format!("{} is there already: a backup never replaces a file", target.display()))),
        Err(_) => Ok(()),
    }
}

async fn write(tx: &mut Tx, writer: Writer, data: DataDir, at: Timestamp) -> muster_core::Result<()> {
    write_all(tx, writer, &data, at).await.map_err(muster_core::Error::internal)
}

/// The database's state is fixed before the files are read: what a row names is there.
async fn write_all(tx: &mut Tx, mut writer: Writer, data: &DataDir, at: Timestamp) -> Result<()> {
    let contents = dump::contents(tx).await?;
    let tables = contents.tables.clone();
    let engine = match tx.engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let (program, engine) = (env!("MUSTER_VERSION").to_owned(), engine.to_owned());
    writer.heading(&Heading::Manifest(Manifest { program, engine, at, contents }))?;
    let mut counts = Counts::default();
    for name in files::list(data)? {
        let file = match File::open(data.path().join(&name)) {
            // Somebody was forgotten meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound && files::may_go(&name) => continue,
            opened => opened.with_context(|| format!("{name} can't be read"))?,
        };
        writer.file(name.clone(), &file).with_context(|| format!("{name} can't be read"))?;
        counts.files += 1;
    }
    for table in tables {
        writer.heading(&Heading::Table(table.name.clone()))?;
        let mut write = |line: &[u8]| writer.row(line).map_err(muster_core::Error::internal);
        let rows = dump::write_rows(tx, &table, &mut write).await?;
        counts.rows.insert(table.name, rows);
    }
    writer.heading(&Heading::End(counts))?;
    writer.finish()
}

/// A backup in the making, beside the name that it will have. Removed when it is dropped before it has got it.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    /// Takes the place of what a run that was killed may have left.
    fn create(target: &Path) -> Result<Self> {
        let path = beside(target, ".part");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(|error| Usage::new(format!("{} can't be written: {error}", path.display())))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Usage::new(format!("another process is writing {}", path.display())).into());
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.set_len(0)?;
        let part = Self { path, file };
        drop(fs::remove_file(part.scratch()));
        Ok(part)
    }

    /// Where a SQLite file is copied to while it is read.
    fn scratch(&self) -> PathBuf {
        beside(&self.path, ".db")
    }

    fn name(self, target: &Path) -> Result<()> {
        let named = fs::rename(&self.path, target);
        named.with_context(|| format!("{} can't be given its name", target.display()))?;
        let directory = target.parent().filter(|directory| !directory.as_os_str().is_empty());
        Ok(File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Not there any more if it has got its name.
        drop(fs::remove_file(&self.path));
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}
