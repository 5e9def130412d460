//! Where the bytes of files are kept. A directory of this machine now; another place is another [`FileStore`].

use std::fmt;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use futures_util::future::BoxFuture;
use muster_core::Timestamp;
use muster_core::media::THUMBNAIL;
use tokio::io::AsyncRead;
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// What a file's bytes are kept under: the desk's own name, never one that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileName {
    pub uuid: Uuid,
    /// The small picture of an image.
    pub is_thumbnail: bool,
}

impl FileName {
    /// Of the file itself.
    #[must_use]
    pub const fn of(uuid: Uuid) -> Self {
        Self { uuid, is_thumbnail: false }
    }

    #[must_use]
    pub const fn thumbnail_of(uuid: Uuid) -> Self {
        Self { uuid, is_thumbnail: true }
    }

    /// Reads what [`fmt::Display`] writes, and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (uuid, is_thumbnail) = match text.strip_prefix(THUMBNAIL) {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let name = Self { uuid: Uuid::parse_str(uuid).ok()?, is_thumbnail };
        (name.to_string() == text).then_some(name)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = if self.is_thumbnail { THUMBNAIL } else { "" };
        write!(f, "{start}{}", self.uuid)
    }
}

/// A file whose bytes can be read.
pub struct StoredFile {
    /// In bytes.
    pub size: u64,
    pub bytes: Box<dyn AsyncRead + Send + Unpin>,
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile").field("size", &self.size).finish_non_exhaustive()
    }
}

/// A place for files.
pub trait FileStore: fmt::Debug + Send + Sync {
    /// Takes over what stands in a file of this machine, which is gone then. When this is done, the bytes last.
    fn put(&self, name: FileName, from: PathBuf) -> BoxFuture<'_, io::Result<()>>;

    /// `None`: there is no such file.
    fn open(&self, name: FileName) -> BoxFuture<'_, io::Result<Option<StoredFile>>>;

    /// Does nothing where there is no such file.
    fn delete(&self, name: FileName) -> BoxFuture<'_, io::Result<()>>;

    /// The files whose uuid begins with this byte, with when they were put there. All bytes together are all files.
    fn list(&self, first: u8) -> BoxFuture<'_, io::Result<Vec<(FileName, Timestamp)>>>;
}

/// The place for files, and the directory in which they are gathered while they come in.
#[derive(Debug, Clone)]
pub struct Files {
    pub store: Arc<dyn FileStore>,
    /// On the disk of the desk; what is in it when the desk starts is left from before.
    pub incoming: PathBuf,
}

impl Files {
    /// In a data directory; nothing is made there before a file comes.
    #[must_use]
    pub fn local(data: &Path) -> Self {
        Self { store: Arc::new(Directory { root: data.join("files") }), incoming: data.join("incoming") }
    }

    /// Removes what uploads that were cut off have left.
    pub(super) async fn clear_incoming(&self) -> io::Result<()> {
        let incoming = self.incoming.clone();
        blocking(move || match fs::remove_dir_all(&incoming) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        })
        .await
    }
}

/// Files in a directory, on two levels by the first two bytes of their uuids, for their owner only.
#[derive(Debug)]
struct Directory {
    root: PathBuf,
}

impl Directory {
    fn path(&self, name: FileName) -> PathBuf {
        let [first, second, ..] = name.uuid.into_bytes();
        self.root.join(format!("{first:02x}")).join(format!("{second:02x}")).join(name.to_string())
    }
}

impl FileStore for Directory {
    fn put(&self, name: FileName, from: PathBuf) -> BoxFuture<'_, io::Result<()>> {
        let path = self.path(name);
        Box::pin(blocking(move || {
            File::open(&from)?.sync_all()?;
            let directory = path.parent().unwrap_or(Path::new("."));
            make(directory)?;
            fs::rename(&from, &path)?;
            File::open(directory)?.sync_all()
        }))
    }

    fn open(&self, name: FileName) -> BoxFuture<'_, io::Result<Option<StoredFile>>> {
        let path = self.path(name);
        Box::pin(async move {
            let opened = blocking(move || {
                let file = File::open(&path)?;
                let size = file.metadata()?.len();
                Ok((file, size))
            });
            match opened.await {
                Ok((file, size)) => Ok(Some(StoredFile { size, bytes: Box::new(tokio::fs::File::from_std(file)) })),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn delete(&self, name: FileName) -> BoxFuture<'_, io::Result<()>> {
        let path = self.path(name);
        Box::pin(blocking(move || match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            // What was deleted because somebody asked to be forgotten doesn't come back after a power cut.
            Ok(()) => File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all(),
        }))
    }

    fn list(&self, first: u8) -> BoxFuture<'_, io::Result<Vec<(FileName, Timestamp)>>> {
        let directory = self.root.join(format!("{first:02x}"));
        Box::pin(blocking(move || {
            let mut found = Vec::new();
            for second in entries(&directory)? {
                for entry in entries(&second.path())? {
                    let name = entry.file_name().to_str().and_then(FileName::parse);
                    let metadata = entry.metadata();
                    // One that was deleted meanwhile needs no mention.
                    if let (Some(name), Ok(metadata)) = (name, metadata) {
                        found.push((name, written(&metadata)));
                    }
                }
            }
            Ok(found)
        }))
    }
}

/// Makes a directory for its owner only, with those above it, and brings their entries to the disk.
fn make(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    if let Some(above) = directory.parent() {
        make(above)?;
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => File::open(above)?.sync_all()?,
        }
    }
    Ok(())
}

/// What is in a directory; nothing in one that isn't there.
fn entries(directory: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(directory) {
        Ok(entries) => entries.collect(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn written(metadata: &fs::Metadata) -> Timestamp {
    let since = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[test]
    fn only_names_of_our_own_are_names() {
        let uuid = Uuid::from_u128(0xab_cdef);
        for name in [FileName::of(uuid), FileName::thumbnail_of(uuid)] {
            assert_eq!(FileName::parse(&name.to_string()), Some(name));
        }
        let upper = uuid.to_string().to_uppercase();
        let plain = uuid.simple().to_string();
        let long = "a".repeat(5_000);
        for other in ["", "thumb_", "..", "../../etc/passwd", "thumb_thumb_", &upper, &plain, &long, "a\0b"] {
            assert_eq!(FileName::parse(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn a_file_is_kept_for_its_owner_only_and_read_back() {
        let place = tempfile::tempdir().unwrap();
        let files = Files::local(place.path());
        let name = FileName::of(Uuid::from_u128(0x0102 << 112));
        assert!(files.store.open(name).await.unwrap().is_none());
        let from = place.path().join("from");
        fs::write(&from, "words").unwrap();
        fs::set_permissions(&from, fs::Permissions::from_mode(0o600)).unwrap();
        files.store.put(name, from.clone()).await.unwrap();
        let path = place.path().join("files/01/02").join(name.to_string());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&place.path().join("files")), from.exists()), (0o600, 0o700, false));
        let mut kept = files.store.open(name).await.unwrap().unwrap();
        let mut text = String::new();
        kept.bytes.read_to_string(&mut text).await.unwrap();
        assert_eq!((kept.size, text.as_str()), (5, "words"));
        let listed: Vec<_> = files.store.list(1).await.unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(listed, [name]);
        assert!(files.store.list(2).await.unwrap().is_empty());
        files.store.delete(name).await.unwrap();
        files.store.delete(name).await.unwrap();
        assert!(files.store.open(name).await.unwrap().is_none());
    }
}
