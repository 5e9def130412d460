//! The data directory and the key in it.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use muster_app::{Entropy, SecretKey};

/// What people sent.
pub(crate) const FILES: &str = "files";
const KEY_FILE: &str = "secret.key";
/// The SQLite database.
const DATABASE_FILE: &str = "muster.db";

#[derive(Debug, Clone)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join(DATABASE_FILE)
    }

    /// What people sent.
    pub(crate) fn files(&self) -> PathBuf {
        self.0.join(FILES)
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.0.join(KEY_FILE)
    }

    /// Makes the directory, for its owner only. One that exists stays as it is.
    pub(crate) fn create(&self) -> Result<()> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.with_context(|| format!("the data directory {} can't be made", self.0.display()))
    }

    /// The key that seals stored secrets; `None` if there is none yet.
    pub(crate) fn secret_key(&self) -> Result<Option<SecretKey>> {
        let path = self.key_file();
        match fs::read_to_string(&path) {
            Ok(text) => parse_key(&text).map(Some).with_context(|| format!("{} is damaged", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} can't be read", path.display())),
        }
    }

    /// Makes the key. It is on the disk, whole, before it has its name.
    pub(crate) fn create_secret_key(&self, entropy: &dyn Entropy) -> Result<SecretKey> {
        let seed = entropy.seed();
        let (path, unfinished) = (self.key_file(), self.0.join("secret.key.new"));
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
            file.set_permissions(Permissions::from_mode(0o600))?;
            writeln!(file, "{}", hex::encode(seed))?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            fs::File::open(&self.0)?.sync_all()
        };
        write().with_context(|| format!("{} can't be written", path.display()))?;
        Ok(SecretKey::new(seed))
    }
}

fn parse_key(text: &str) -> Result<SecretKey> {
    let bytes = hex::decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    match bytes {
        Some(bytes) => Ok(SecretKey::new(bytes)),
        None => bail!("it must hold 64 hexadecimal digits"),
    }
}

#[cfg(test)]
mod tests {
    use muster_app::OsEntropy;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_only() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(&place.path().join("deep/desk"));
        data.create().unwrap();
        assert!(data.secret_key().unwrap().is_none());
        data.create_secret_key(&OsEntropy).unwrap();
        assert!(data.secret_key().unwrap().is_some());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(data.path()), mode(&data.key_file())), (0o700, 0o600));
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(place.path());
        fs::write(data.key_file(), "0123\n").unwrap();
        assert!(data.secret_key().unwrap_err().to_string().contains("damaged"));
    }
}
