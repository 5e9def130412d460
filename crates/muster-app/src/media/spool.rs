//! A file while it comes in: on the disk, never in memory.

use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use muster_core::Result;
use muster_core::media::{HEAD, UploadRules};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use super::failed;
use super::files::blocking;

/// How the name of a picture's thumbnail ends while it stands beside it.
const THUMBNAIL: &str = "thumb";

/// What has come in so far. The bytes are gone when this is dropped before they were kept.
#[derive(Debug)]
pub struct Spool {
    name: Uuid,
    path: PathBuf,
    file: File,
    rules: UploadRules,
    size: u64,
    head: Vec<u8>,
}

impl Spool {
    pub(super) async fn create(directory: &Path, name: Uuid, rules: UploadRules) -> io::Result<Self> {
        let path = directory.join(name.to_string());
        let (at, directory) = (path.clone(), directory.to_owned());
        let file = blocking(move || {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&at)
        });
        let file = File::from_std(file.await?);
        Ok(Self { name, path, file, rules, size: 0, head: Vec::new() })
    }

    /// Adds the next piece.
    ///
    /// # Errors
    /// [`muster_core::Refusal::FileTooLarge`] for more than the rules allow; those of the disk.
    pub async fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.size = self.size.saturating_add(piece.len() as u64);
        self.rules.check_size(self.size)?;
        let missing = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..missing]);
        self.file.write_all(piece).await.map_err(failed)
    }

    /// In bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// All of it, for files that are small by their rules.
    ///
    /// # Errors
    /// Those of the disk.
    pub async fn read(&mut self) -> Result<Vec<u8>> {
        self.finish().await.map_err(failed)?;
        tokio::fs::read(&self.path).await.map_err(failed)
    }

    pub(super) const fn name(&self) -> Uuid {
        self.name
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn rules(&self) -> &UploadRules {
        &self.rules
    }

    /// The first bytes, up to [`HEAD`].
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Hands everything to the system.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        self.file.flush().await
    }

    /// Writes a small file beside this one. Tells where it is.
    pub(super) async fn beside(&self, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.path.with_extension(THUMBNAIL);
        let (at, bytes) = (path.clone(), bytes.to_vec());
        blocking(move || {
            let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&at)?;
            io::Write::write_all(&mut file, &bytes)
        })
        .await?;
        Ok(path)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Not there any more if it was kept.
        drop(std::fs::remove_file(&self.path));
        drop(std::fs::remove_file(self.path.with_extension(THUMBNAIL)));
    }
}
