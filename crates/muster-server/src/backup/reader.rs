//! Reading a backup file.
//!
//! Nothing is read from a file whose hash hasn't been checked.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom, Take, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use muster_store::dump::count_cells;
use sha2::{Digest as _, Sha256};
use zstd::stream::read::Decoder;

use super::cipher::{Opener, Passphrase};
use super::header::{Header, LONGEST, TRAILER, trailer};
use super::manifest::{Counts, Heading, Manifest, StoredFile, Summary};
use crate::exit::Usage;

/// Reads a backup from its first byte to its last and makes sure that it is whole.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn verify(path: &Path, passphrase: Option<&Passphrase>) -> Result<Summary> {
    check_hash(path)?;
    let mut reader = Reader::open(path, passphrase)?;
    let counts = reader.check_rest()?;
    let Manifest { program, at, contents, .. } = reader.manifest;
    Ok(Summary {
        at,
        program,
        schema: contents.schema,
        position: contents.numbers.position,
        tables: contents.tables.len(),
        rows: counts.rows.values().sum(),
        files: counts.files,
        size: reader.size,
        is_encrypted: reader.is_encrypted,
    })
}

/// Compares the file's bytes with the hash at its end.
fn check_hash(path: &Path) -> Result<()> {
    let (file, _, size) = open(path)?;
    let mut file = BufReader::new(file);
    file.rewind()?;
    let mut hash = Sha256::new();
    io::copy(&mut file.by_ref().take(size - TRAILER), &mut Hashing(&mut hash))?;
    let mut stored = String::new();
    let read = file.read_to_string(&mut stored);
    ensure!(read.is_ok() && stored == trailer(hash), "the backup is damaged, or it isn't there to its end");
    Ok(())
}

struct Hashing<'h>(&'h mut Sha256);

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens a file that begins like a backup: it stands behind the first line. Also tells its size.
fn open(path: &Path) -> Result<(File, Header, u64)> {
    let mut file =
        File::open(path).map_err(|error| Usage::new(format!("{} can't be read: {error}", path.display())))?;
    let size = file.metadata()?.len();
    let mut line = Vec::new();
    BufReader::new((&file).take(LONGEST)).read_until(b'\n', &mut line)?;
    let length = line.len() as u64;
    let line = String::from_utf8_lossy(&line);
    let header = Header::parse(line.trim_end_matches('\n'))?;
    ensure!(line.ends_with('\n') && size >= length + TRAILER, "the backup isn't there to its end");
    file.seek(SeekFrom::Start(length))?;
    Ok((file, header, size))
}

/// What comes next in a backup.
pub(super) enum Item {
    Heading(Heading),
    Row(Vec<u8>),
}

/// A backup that is read once, from its manifest to its end.
pub(super) struct Reader {
    lines: BufReader<Decoder<'static, BufReader<Body>>>,
    pub(super) manifest: Manifest,
    /// Of the file, in bytes.
    size: u64,
    is_encrypted: bool,
}

impl Reader {
    /// Opens a file whose hash has been checked, and reads the manifest.
    pub(super) fn open(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self> {
        let (mut file, header, size) = open(path)?;
        let length = size - TRAILER - file.stream_position()?;
        let is_encrypted = header != Header::Plain;
        let sealed = file.take(length);
        let body = match (header, passphrase) {
            (Header::Plain, _) => Body::Plain(sealed),
            (Header::Sealed(sealing), Some(passphrase)) => {
                Body::Sealed(Box::new(Opener::new(sealed, length, &sealing, passphrase)?))
            }
            (Header::Sealed(_), None) => {
                let message = "the backup is encrypted: say with --passphrase-file where its passphrase is";
                return Err(Usage::new(message).into());
            }
        };
        let mut lines = BufReader::new(Decoder::new(body)?);
        let Item::Heading(Heading::Manifest(manifest)) = next(&mut lines)? else {
            bail!("the backup doesn't begin with its manifest");
        };
        Ok(Self { lines, manifest, size, is_encrypted })
    }

    pub(super) fn next(&mut self) -> Result<Item> {
        next(&mut self.lines)
    }

    /// Copies the bytes that follow a file's heading.
    pub(super) fn copy_file(&mut self, file: &StoredFile, out: &mut dyn Write) -> Result<()> {
        let copied = io::copy(&mut self.lines.by_ref().take(file.size), out)?;
        let mut end = [0];
        self.lines.read_exact(&mut end)?;
        ensure!(copied == file.size && end == *b"\n", "the file {} isn't there to its end", file.name);
        Ok(())
    }

    /// Reads what is left, counts it, and compares the counts with those at the end.
    fn check_rest(&mut self) -> Result<Counts> {
        let mut counts = Counts::default();
        let mut table = None;
        loop {
            match self.next()? {
                Item::Heading(Heading::File(file)) => {
                    self.copy_file(&file, &mut io::sink())?;
                    counts.files += 1;
                }
                Item::Heading(Heading::Table(name)) => {
                    let columns = self.manifest.contents.tables.iter().find(|table| table.name == name);
                    let columns = columns.with_context(|| format!("table {name} isn't in the manifest"))?.columns.len();
                    counts.rows.insert(name.clone(), 0);
                    table = Some((name, columns));
                }
                Item::Row(line) => {
                    let (name, columns) = table.as_ref().context("there is a row before the first table")?;
                    ensure!(count_cells(&line)? == *columns, "table {name} has a row of another width");
                    *counts.rows.entry(name.clone()).or_default() += 1;
                }
                Item::Heading(Heading::End(end)) => {
                    ensure!(end == counts, "the backup doesn't hold as much as it says");
                    ensure!(self.lines.fill_buf()?.is_empty(), "the backup goes on behind its end");
                    return Ok(counts);
                }
                Item::Heading(Heading::Manifest(_)) => bail!("there is a second manifest"),
            }
        }
    }
}

fn next(lines: &mut impl BufRead) -> Result<Item> {
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).context("the backup can't be read")?;
    ensure!(line.pop() == Some(b'\n'), "the backup isn't there to its end");
    Ok(match line.first() {
        Some(b'[') => Item::Row(line),
        _ => Item::Heading(serde_json::from_slice(&line).context("the backup has a line that can't be read")?),
    })
}

enum Body {
    Plain(Take<File>),
    Sealed(Box<Opener<Take<File>>>),
}

impl Read for Body {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(body) => body.read(out),
            Self::Sealed(body) => body.read(out),
        }
    }
}
