//! A small disk.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A file system in memory, unmounted when it is dropped.
#[derive(Debug)]
pub(super) struct Disk {
    directory: TempDir,
}

impl Disk {
    /// A disk of so many mebibytes; `None` where one can't be mounted.
    pub(super) fn mount(mebibytes: u32) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m,mode=0700"), "tmpfs"])
            .arg(directory.path())
            .output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self { directory })
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Takes all the space there is.
    pub(super) fn fill(&self) -> Ballast {
        self.fill_up_to(0)
    }

    /// Takes the space until no more than `free` bytes are left.
    pub(super) fn fill_up_to(&self, free: u64) -> Ballast {
        let path = self.path().join("ballast");
        let mut file = File::create(&path).unwrap();
        while self.free() > free {
            match file.write_all(&[7; 4096]) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("{error}"),
            }
        }
        Ballast(path)
    }

    fn free(&self) -> u64 {
        let disk = rustix::fs::statvfs(self.path()).unwrap();
        disk.f_bavail * disk.f_frsize
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The desk has ended by now, unless the test failed: then the disk goes with the last who uses it.
        drop(Command::new("umount").arg("--lazy").arg(self.path()).status());
    }
}

/// What fills the disk until it is dropped.
#[derive(Debug)]
pub(super) struct Ballast(PathBuf);

impl Drop for Ballast {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}
