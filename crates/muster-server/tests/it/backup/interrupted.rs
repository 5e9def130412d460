//! Backups and restores that are killed half-way.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use muster_testkit::both_engines;
use muster_testkit::effort::rounds;
use muster_testkit::postgres::TestEngine;

use super::{Shelf, assert_same_files, backup, digest, restore, small_desk};
use crate::program::Place;
use muster_testkit::dice::Dice;

/// Begins a command and kills it after `lasting`.
async fn begin_in_vain(place: &Place, command: &str, file: &Path, lasting: Duration) {
    let mut command = place.command(&[command, file.to_str().unwrap()]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    tokio::time::sleep(lasting).await;
    child.kill().unwrap();
    child.wait().unwrap();
}

async fn a_killed_restore_can_be_run_again(engine: TestEngine) {
    let (shelf, desk) = (Shelf::new(), small_desk(engine).await);
    let file = shelf.file("desk.backup");
    backup(&desk, &file, &[]).ok();
    let mut dice = Dice::new(13);
    for _ in 0..rounds(15, 300) {
        let place = Place::new(engine).await;
        begin_in_vain(&place, "restore", &file, Duration::from_millis(dice.below(400))).await;
        let again = restore(&place, &file, &[]);
        assert!(again.code == Some(0) || again.err.contains("already"), "{again:?}");
        assert_eq!(digest(&place).await, digest(&desk).await);
        assert_same_files(&desk, &place);
        assert_eq!(tokio::task::block_in_place(|| place.serve().terminate()).code(), Some(0));
        assert!(!place.data().join("restore.unfinished").exists());
    }
}

async fn what_a_cut_restore_left_is_not_served_as_a_new_desk(engine: TestEngine) {
    let (shelf, desk) = (Shelf::new(), small_desk(engine).await);
    let file = shelf.file("desk.backup");
    backup(&desk, &file, &[]).ok();
    let place = Place::new(engine).await;
    fs::create_dir(place.data()).unwrap();
    fs::write(place.data().join("restore.unfinished"), "").unwrap();
    fs::write(place.data().join("secret.key"), "half").unwrap();
    let refused = tokio::task::block_in_place(|| place.run(&["serve", "--listen", "127.0.0.1:0"]));
    assert!(refused.code == Some(2) && refused.err.contains("cut short"), "{refused:?}");
    restore(&place, &file, &[]).ok();
    assert_same_files(&desk, &place);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_backup_clears_what_a_killed_one_left() {
    let (shelf, desk) = (Shelf::new(), small_desk(TestEngine::Sqlite).await);
    let file = shelf.file("desk.backup");
    let mut dice = Dice::new(17);
    for _ in 0..rounds(10, 200) {
        begin_in_vain(&desk, "backup", &file, Duration::from_millis(dice.below(300))).await;
        drop(fs::remove_file(&file));
    }
    shelf.with("desk.backup.part", "half a backup");
    shelf.with("desk.backup.part.db", "half a database");
    backup(&desk, &file, &[]).ok();
    assert_eq!(shelf.names(), ["desk.backup"]);
    backup(&desk, &file, &["--verify"]).ok();
}

both_engines!(a_killed_restore_can_be_run_again, what_a_cut_restore_left_is_not_served_as_a_new_desk);
