//! A backup that isn't whole, or not to be read, is refused with the reason, and nothing is left behind.

use std::fs;
use std::path::Path;

use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use super::{Shelf, assert_same_files, backup, digest, restore, small_desk};
use crate::program::{Ended, Place};
use muster_testkit::dice::Dice;

/// Bytes that are changed, one at a time.
const FLIPS: usize = 200;

async fn a_changed_byte_is_refused_wherever_it_is(engine: TestEngine) {
    let (shelf, desk) = (Shelf::new(), small_desk(engine).await);
    let whole = shelf.file("whole");
    backup(&desk, &whole, &[]).ok();
    let bytes = fs::read(&whole).unwrap();
    let place = Place::new(engine).await;
    let mut dice = Dice::new(3);
    // The first and last lines from end to end, and a sample of what is between them.
    let edges = (0..24).chain(bytes.len() - 74..bytes.len());
    let between = std::iter::repeat_with(|| usize::try_from(dice.below(bytes.len() as u64)).unwrap());
    for at in edges.chain(between).take(FLIPS) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let file = shelf.file("changed");
        fs::write(&file, changed).unwrap();
        assert_refused(&restore(&place, &file, &[]), &place, &["is not restored", "backup"], at);
    }
    restore(&place, &whole, &[]).ok();
    assert_eq!(digest(&place).await, digest(&desk).await);
    assert_same_files(&desk, &place);
}

async fn what_is_cut_or_lengthened_or_no_backup_is_refused(engine: TestEngine) {
    let (shelf, desk) = (Shelf::new(), small_desk(engine).await);
    let whole = shelf.file("whole");
    backup(&desk, &whole, &[]).ok();
    let bytes = fs::read(&whole).unwrap();
    let place = Place::new(engine).await;
    for length in
        [0, 1, 14, 21, 22, 23, 93, 94, 95, bytes.len() / 2, bytes.len() - 73, bytes.len() - 72, bytes.len() - 1]
    {
        fs::write(shelf.file("cut"), &bytes[..length]).unwrap();
        assert_refused(&restore(&place, &shelf.file("cut"), &[]), &place, &["backup"], length);
    }
    fs::write(shelf.file("long"), [&bytes[..], b"\n"].concat()).unwrap();
    assert_refused(&restore(&place, &shelf.file("long"), &[]), &place, &["damaged"], "longer");
    fs::write(shelf.file("other"), "SQLite format 3\0").unwrap();
    assert_refused(&restore(&place, &shelf.file("other"), &[]), &place, &["not a backup"], "other");
    assert_refused(&restore(&place, &shelf.file("none"), &[]), &place, &["none can't be read"], "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_backup_opens_with_its_passphrase_only() {
    let (shelf, desk) = (Shelf::new(), small_desk(TestEngine::Sqlite).await);
    let right = shelf.with("right", "correct horse battery\n");
    let wrong = shelf.with("wrong", "incorrect horse battery\n");
    let short = shelf.with("short", "horse\n");
    let (right, wrong, short) = (right.to_str().unwrap(), wrong.to_str().unwrap(), short.to_str().unwrap());
    let file = shelf.file("sealed");
    let refused = backup(&desk, &file, &["--encrypt", "--passphrase-file", short]);
    assert!(refused.code == Some(2) && refused.err.contains("too short"), "{refused:?}");
    assert!(backup(&desk, &file, &["--encrypt"]).code == Some(2) && !file.exists());
    let printed = backup(&desk, &file, &["--encrypt", "--passphrase-file", right]).ok();
    assert!(printed.contains("encrypted") && !printed.contains("not encrypted"), "{printed}");
    assert_verified(&desk, &file, &["--passphrase-file", right]);

    let place = Place::sqlite();
    assert_refused(&restore(&place, &file, &[]), &place, &["encrypted", "--passphrase-file"], "none");
    let refused = restore(&place, &file, &["--passphrase-file", wrong]);
    assert_refused(&refused, &place, &["passphrase"], "wrong");
    assert!(!refused.err.contains("horse"), "{refused:?}");
    let bytes = fs::read(&file).unwrap();
    for at in [0, 14, 18, 25, 40, 100, 160, bytes.len() / 2, bytes.len() - 90, bytes.len() - 2] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(shelf.file("changed"), changed).unwrap();
        let refused = restore(&place, &shelf.file("changed"), &["--passphrase-file", right]);
        assert_refused(&refused, &place, &["backup"], at);
    }
    restore(&place, &file, &["--passphrase-file", right]).ok();
    assert_eq!(digest(&place).await, digest(&desk).await);
    assert_same_files(&desk, &place);
}

fn assert_verified(desk: &Place, file: &Path, flags: &[&str]) {
    let printed = backup(desk, file, &[&["--verify"], flags].concat()).ok();
    assert!(printed.contains("is whole"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_verified_without_a_desk() {
    let (shelf, desk) = (Shelf::new(), small_desk(TestEngine::Sqlite).await);
    let file = shelf.file("desk.backup");
    let printed = backup(&desk, &file, &[]).ok();
    assert!(printed.contains("3 stored files"), "{printed}");
    let nowhere = Place::sqlite();
    assert_verified(&nowhere, &file, &[]);
    fs::write(&file, &fs::read(&file).unwrap()[1..]).unwrap();
    let refused = backup(&nowhere, &file, &["--verify"]);
    assert!(refused.code == Some(1) && refused.err.contains("not a backup"), "{refused:?}");
}

fn assert_refused(ended: &Ended, place: &Place, words: &[&str], which: impl std::fmt::Debug) {
    assert!(matches!(ended.code, Some(1 | 2)), "{which:?}: {ended:?}");
    assert!(words.iter().all(|word| ended.err.contains(word)), "{which:?}: {ended:?}");
    assert!(!place.data().exists(), "{which:?}: {ended:?}");
}

both_engines!(a_changed_byte_is_refused_wherever_it_is, what_is_cut_or_lengthened_or_no_backup_is_refused);
