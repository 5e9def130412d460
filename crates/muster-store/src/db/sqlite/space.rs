//! The free space of the disk that the database is on: when it runs short, ordinary writes are refused before the disk
//! is really full.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[derive(Debug)]
pub(super) struct Space {
    directory: PathBuf,
    /// Bytes; 0 asks for nothing.
    min_free: AtomicU64,
    is_short: AtomicBool,
}

impl Space {
    pub(super) fn around(file: &Path) -> Self {
        let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty());
        Self {
            directory: directory.unwrap_or(Path::new(".")).to_owned(),
            min_free: AtomicU64::new(0),
            is_short: AtomicBool::new(false),
        }
    }

    /// From now on so many bytes are to stay free.
    pub(super) fn guard(&self, min_free: u64) {
        self.min_free.store(min_free, Ordering::Relaxed);
        self.look();
    }

    pub(super) fn is_short(&self) -> bool {
        self.is_short.load(Ordering::Relaxed)
    }

    /// Measures. There is enough again once a quarter more is free than has to be.
    pub(super) fn look(&self) {
        let min_free = self.min_free.load(Ordering::Relaxed);
        // Where it can't be measured, writes are tried.
        let Ok(disk) = rustix::fs::statvfs(&self.directory) else { return };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let was_short = self.is_short();
        let wanted = if was_short { min_free.saturating_add(min_free / 4) } else { min_free };
        let is_short = free < wanted;
        self.is_short.store(is_short, Ordering::Relaxed);
        if is_short != was_short {
            self.tell(is_short, free);
        }
    }

    fn tell(&self, is_short: bool, free: u64) {
        let (directory, free_mib) = (self.directory.display(), free / (1024 * 1024));
        if is_short {
            tracing::error!(
                %directory,
                free_mib,
                "the desk is read-only: less of the disk is free than limits.min_free asks for. Make room; it goes on by \
                 itself then"
            );
        } else {
            tracing::info!(%directory, free_mib, "there is room on the disk again, and the desk takes writes");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_short_while_less_is_free_than_is_asked_for() {
        let directory = tempfile::tempdir().unwrap();
        let space = Space::around(&directory.path().join("desk.db"));
        space.look();
        assert!(!space.is_short());
        space.guard(u64::MAX);
        assert!(space.is_short());
        space.guard(1);
        assert!(!space.is_short());
    }
}
