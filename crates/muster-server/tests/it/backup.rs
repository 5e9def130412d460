//! `muster backup` and `muster restore`, over the real program.

mod damage;
mod interrupted;
mod load;
mod refusals;
mod schedule;

use std::path::{Path, PathBuf};

use muster_testkit::Digest;
use muster_testkit::postgres::TestEngine;
use tempfile::TempDir;

use crate::books;
use crate::program::{Ended, Place};

const ADMIN: [(&str, &str); 2] =
    [("MUSTER_ADMIN_EMAIL", "ada@example.org"), ("MUSTER_ADMIN_PASSWORD", "Correct-horse-9")];
/// What stands in a stored file of the desks here.
const TEMPLATE: &str = "Hello \u{1f44b} {{ name }}\n";

/// A directory for backups.
#[derive(Debug)]
struct Shelf(TempDir);

impl Shelf {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, such as one with a passphrase.
    fn with(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.file(name), text).unwrap();
        self.file(name)
    }

    /// The names of what is on it.
    fn names(&self) -> Vec<String> {
        names(self.0.path())
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = directory.read_dir().unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// A desk that has been served for a moment and has an administrator, a template and an upload.
async fn small_desk(engine: TestEngine) -> Place {
    let place = Place::new(engine).await;
    place.serve_with(&[], &ADMIN).terminate();
    put_template(&place);
    place
}

fn put_template(place: &Place) {
    let folder = place.data().join("templates/mail");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("welcome.html"), TEMPLATE).unwrap();
    // As an upload is kept: bytes of any kind.
    let folder = place.data().join("files/01/02");
    std::fs::create_dir_all(&folder).unwrap();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    std::fs::write(folder.join("01020000-0000-4000-8000-000000000000"), bytes).unwrap();
}

fn backup(place: &Place, file: &Path, flags: &[&str]) -> Ended {
    run(place, "backup", file, flags)
}

fn restore(place: &Place, file: &Path, flags: &[&str]) -> Ended {
    run(place, "restore", file, flags)
}

fn run(place: &Place, command: &str, file: &Path, flags: &[&str]) -> Ended {
    let file = file.to_str().unwrap();
    tokio::task::block_in_place(|| place.run(&[&[command, file], flags].concat()))
}

/// What stands in the desk's tables.
async fn digest(place: &Place) -> Digest {
    let store = books::open(place.database()).await;
    let digest = Digest::of(&store).await.unwrap();
    store.close().await;
    digest
}

/// The key, the template and what was uploaded are there as they are in the other desk, byte for byte.
fn assert_same_files(one: &Place, other: &Place) {
    let mut names = vec![PathBuf::from("secret.key"), PathBuf::from("templates/mail/welcome.html")];
    walk(&other.data(), Path::new("files"), &mut names);
    assert!(names.len() > 2, "no upload was restored");
    for name in names {
        let read = |place: &Place| std::fs::read(place.data().join(&name)).unwrap();
        assert!(read(one) == read(other), "{}", name.display());
        assert_eq!(crate::program::mode(&other.data().join(&name)), 0o600, "{}", name.display());
    }
}

fn walk(base: &Path, name: &Path, found: &mut Vec<PathBuf>) {
    for entry in base.join(name).read_dir().unwrap() {
        let entry = entry.unwrap();
        let inner = name.join(entry.file_name());
        if entry.path().is_dir() { walk(base, &inner, found) } else { found.push(inner) }
    }
}
