//! Whether the data directory is there, whole and private.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::Finding::{self, Fine, Note, Wrong};
use super::disk;
use crate::config::{Config, secrets_of};
use crate::data::DataDir;
use crate::exit::words;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let data = DataDir::new(&config.server.data);
    if !data.path().is_dir() {
        let place = data.path().display();
        return vec![Wrong(format!("there is no data directory {place}: `muster serve` makes it"))];
    }
    vec![
        private(data.path()),
        writable(data.path()),
        secret_key(&data),
        disk::look("the desk", data.path()),
        disk::look("temporary files", &std::env::temp_dir()),
    ]
}

/// Whether everybody can read the secrets in the configuration file; nothing if it holds none. Its group may: that is
/// how root shares it with the desk's user.
pub(super) fn configuration(file: &Path) -> Option<Finding> {
    let table = fs::read_to_string(file).ok()?.parse().ok()?;
    let (secret, shown) = (secrets_of(&table).next()?, file.display());
    Some(if may(file, 0o007) {
        Wrong(format!("everybody can read {shown}, which holds {secret}: chmod o= {shown}"))
    } else {
        Fine(format!("{shown} is private"))
    })
}

/// Whether only the owner can read the directory and the files in it.
fn private(directory: &Path) -> Finding {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let open = std::iter::once(directory.to_owned()).chain(entries).find(|path| may(path, 0o077));
    match open {
        None => Fine(format!("{} is private", directory.display())),
        Some(path) => Wrong(format!("others can read {0}: chmod go= {0}", path.display())),
    }
}

/// Whether somebody has one of these permissions on what is there.
fn may(path: &Path, permissions: u32) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| !found.is_symlink() && found.permissions().mode() & permissions != 0)
}

fn secret_key(data: &DataDir) -> Finding {
    match data.secret_key() {
        Ok(Some(_)) => Fine("secret.key is there".to_owned()),
        Ok(None) => Wrong(format!("{} is missing: put it back from a copy", data.key_file().display())),
        Err(error) => Wrong(words(&error)),
    }
}

/// Whether the desk's files belong to whoever runs this command.
fn writable(directory: &Path) -> Finding {
    let owner = fs::metadata(directory).map(|found| found.uid());
    let us = rustix::process::geteuid().as_raw();
    match owner {
        Ok(owner) if owner == us || us == 0 => Fine(format!("{} can be written", directory.display())),
        Ok(owner) => Note(format!(
            "{} belongs to user {owner}, and this command runs as user {us}: run it as the desk's user",
            directory.display()
        )),
        Err(error) => Wrong(format!("{} can't be looked at: {error}", directory.display())),
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
    fn a_configuration_that_holds_a_secret_has_to_be_private() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let judged = |text: &str, mode| {
            fs::write(file.path(), text).unwrap();
            fs::set_permissions(file.path(), Permissions::from_mode(mode)).unwrap();
            configuration(file.path())
        };
        let secret = "[database]\nurl = \"postgres://muster:hidden@127.0.0.1/muster\"\n";
        let wrong = judged(secret, 0o644);
        assert!(matches!(&wrong, Some(Wrong(text)) if text.contains("database.url") && !text.contains("hidden")));
        assert!(matches!(judged(secret, 0o640), Some(Fine(_))));
        assert_eq!(judged("[database]\nurl = \"\"\n", 0o644), None);
        assert_eq!(judged("[log]\nfilter = \"info\"\n", 0o644), None);
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
