//! Writing a backup file, from its first line to its last.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use zstd::stream::write::Encoder;

use super::cipher::{Passphrase, Sealer};
use super::header::{Header, Sealing, trailer};
use super::manifest::{Heading, StoredFile};

/// Zstandard's own default.
const LEVEL: i32 = 3;

pub(super) struct Writer {
    lines: Encoder<'static, Body>,
}

impl Writer {
    /// Begins a backup in an empty file.
    pub(super) fn new(file: File, sealed: Option<(Sealing, &Passphrase)>) -> Result<Self> {
        let mut hashed = Hashed { out: BufWriter::new(file), hash: Sha256::new() };
        let header = sealed.as_ref().map_or(Header::Plain, |(sealing, _)| Header::Sealed(sealing.clone()));
        hashed.write_all(header.line().as_bytes())?;
        let body = match sealed {
            None => Body::Plain(hashed),
            Some((sealing, passphrase)) => Body::Sealed(Box::new(Sealer::new(hashed, &sealing, passphrase)?)),
        };
        Ok(Self { lines: Encoder::new(body, LEVEL)? })
    }

    pub(super) fn heading(&mut self, heading: &Heading) -> Result<()> {
        serde_json::to_writer(&mut self.lines, heading)?;
        Ok(self.lines.write_all(b"\n")?)
    }

    pub(super) fn row(&mut self, line: &[u8]) -> io::Result<()> {
        self.lines.write_all(line)?;
        self.lines.write_all(b"\n")
    }

    /// Writes a stored file as long as it is now.
    pub(super) fn file(&mut self, name: String, file: &File) -> Result<()> {
        let size = file.metadata()?.len();
        self.heading(&Heading::File(StoredFile { name, size }))?;
        let copied = io::copy(&mut file.take(size), &mut self.lines)?;
        ensure!(copied == size, "it became shorter while it was read");
        Ok(self.lines.write_all(b"\n")?)
    }

    /// Ends the backup, and makes sure that it is on the disk.
    pub(super) fn finish(self) -> Result<()> {
        let Hashed { mut out, hash } = match self.lines.finish()? {
            Body::Plain(hashed) => hashed,
            Body::Sealed(sealer) => sealer.finish()?,
        };
        out.write_all(trailer(hash).as_bytes())?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all().context("the backup can't be brought to the disk")
    }
}

enum Body {
    Plain(Hashed),
    Sealed(Box<Sealer<Hashed>>),
}

impl Write for Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Sealed(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Sealed(out) => out.flush(),
        }
    }
}

/// Hashes what is written.
struct Hashed {
    out: BufWriter<File>,
    hash: Sha256,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
