//! The files of the data directory that belong to the desk, beside the database.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::data::{DataDir, FILES};

/// Files and directories that are in every backup, where there are any.
const STORED: [&str; 3] = ["secret.key", "templates", FILES];

/// Whether a stored file of that name may be deleted while the desk is served.
pub(super) fn may_go(name: &str) -> bool {
    Path::new(name).starts_with(FILES)
}

/// The names of all stored files, relative to the data directory, in order.
pub(super) fn list(data: &DataDir) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for name in STORED {
        walk(data.path(), Path::new(name), &mut names).with_context(|| format!("{name} can't be read"))?;
    }
    names.sort_unstable();
    Ok(names)
}

fn walk(base: &Path, name: &Path, names: &mut Vec<String>) -> Result<()> {
    let path = base.join(name);
    let kind = match fs::metadata(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if kind.is_dir() {
        for entry in fs::read_dir(&path)? {
            walk(base, &name.join(entry?.file_name()), names)?;
        }
    } else if kind.is_file() {
        names.push(name.to_str().context("a file's name is not UTF-8")?.to_owned());
    } else {
        bail!("{} is neither a file nor a directory", path.display());
    }
    Ok(())
}

/// The first of the desk's stored files and directories that is there.
pub(super) fn any(data: &DataDir) -> Option<PathBuf> {
    STORED.iter().map(|name| data.path().join(name)).find(|path| path.exists())
}

/// Removes all stored files.
pub(super) fn remove(data: &DataDir) -> Result<()> {
    for name in STORED {
        let path = data.path().join(name);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} can't be removed", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes a stored file of that name, for its owner only, with the directories above it.
///
/// # Errors
/// Also if the name is none of a stored file, or leads out of the data directory.
pub(super) fn create(data: &DataDir, name: &str) -> Result<File> {
    let relative = Path::new(name);
    let is_stored =
        relative.components().next().is_some_and(|first| STORED.iter().any(|name| first.as_os_str() == *name));
    if !is_stored || !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        bail!("the backup holds a file named {name:?}, which is none of a desk's");
    }
    let path = data.path().join(relative);
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    file.with_context(|| format!("{} can't be written", path.display()))
}

/// Makes sure that the directories which hold stored files are on the disk.
pub(super) fn sync(data: &DataDir) -> Result<()> {
    let mut directories = BTreeSet::new();
    for name in list(data)? {
        directories.extend(Path::new(&name).ancestors().skip(1).map(Path::to_owned));
    }
    for directory in directories {
        File::open(data.path().join(directory))?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(&place.path().join("data"));
        data.create().unwrap();
        for name in
            ["", ".", "..", "/etc/passwd", "../x", "files/../../x", "muster.db", "templates/../../x", "/files/x"]
        {
            assert!(create(&data, name).is_err(), "{name}");
        }
        create(&data, "files/a/b.txt").unwrap();
        create(&data, "secret.key").unwrap();
        assert_eq!(list(&data).unwrap(), ["files/a/b.txt", "secret.key"]);
        sync(&data).unwrap();
        remove(&data).unwrap();
        assert_eq!(any(&data), None);
        assert_eq!(place.path().read_dir().unwrap().count(), 1);
    }
}
