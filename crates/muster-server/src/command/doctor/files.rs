//! Whether the data directory is there, whole and private.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Finding::{self, Fine, Note, Wrong};
use crate::config::Config;
use crate::data::DataDir;
use crate::exit::words;

/// Free space below which a desk is about to stop.
const TOO_LITTLE: u64 = 100 * 1024 * 1024;
const LITTLE: u64 = 1024 * 1024 * 1024;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let data = DataDir::new(&config.server.data);
    if !data.path().is_dir() {
        let place = data.path().display();
        return vec![Wrong(format!("there is no data directory {place}: `muster serve` makes it"))];
    }
    vec![private(data.path()), secret_key(&data), space(data.path())]
}

/// Whether only the owner can read the directory and the files in it.
fn private(directory: &Path) -> Finding {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let open = std::iter::once(directory.to_owned()).chain(entries).find(|path| is_open(path));
    match open {
        None => Fine(format!("{} is private", directory.display())),
        Some(path) => Wrong(format!("others can read {0}: chmod go= {0}", path.display())),
    }
}

fn is_open(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| !found.is_symlink() && found.permissions().mode() & 0o077 != 0)
}

fn secret_key(data: &DataDir) -> Finding {
    match data.secret_key() {
        Ok(Some(_)) => Fine("secret.key is there".to_owned()),
        Ok(None) => Wrong(format!("{} is missing: put it back from a copy", data.key_file().display())),
        Err(error) => Wrong(words(&error)),
    }
}

fn space(directory: &Path) -> Finding {
    let mebibytes = |bytes: u64| bytes / (1024 * 1024);
    match fs4::available_space(directory) {
        Ok(bytes) if bytes < TOO_LITTLE => Wrong(format!("the disk is almost full: {} MiB are left", mebibytes(bytes))),
        Ok(bytes) if bytes < LITTLE => Note(format!("the disk is filling up: {} MiB are left", mebibytes(bytes))),
        Ok(bytes) => Fine(format!("{} MiB are free on the disk", mebibytes(bytes))),
        Err(error) => Note(format!("the free space on the disk can't be told: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use muster_app::OsEntropy;

    use super::*;

    #[test]
    fn what_others_can_read_is_wrong() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(&place.path().join("data"));
        data.create().unwrap();
        data.create_secret_key(&OsEntropy).unwrap();
        assert!(matches!(private(data.path()), Fine(_)));
        assert!(matches!(secret_key(&data), Fine(_)));
        fs::set_permissions(data.key_file(), Permissions::from_mode(0o640)).unwrap();
        let finding = private(data.path());
        assert!(matches!(&finding, Wrong(text) if text.contains("secret.key")), "{finding:?}");
    }

    #[test]
    fn a_missing_or_damaged_key_is_wrong() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(place.path());
        assert!(matches!(secret_key(&data), Wrong(_)));
        fs::write(data.key_file(), "x").unwrap();
        assert!(matches!(secret_key(&data), Wrong(_)));
    }
}
