//! What neither command does: replace something.

use std::fs;

use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use super::{Shelf, backup, digest, names, restore, small_desk};
use crate::program::Place;

async fn a_desk_is_never_restored_over_another(engine: TestEngine) {
    let (shelf, desk) = (Shelf::new(), small_desk(engine).await);
    let file = shelf.file("desk.backup");
    backup(&desk, &file, &[]).ok();
    let (before, listed) = (digest(&desk).await, names(&desk.data()));
    let refused = restore(&desk, &file, &[]);
    assert!(refused.code == Some(2) && refused.err.contains("is there already"), "{refused:?}");
    for folder in ["templates", "files"] {
        fs::remove_dir_all(desk.data().join(folder)).unwrap();
    }
    let key = fs::read(desk.data().join("secret.key")).unwrap();
    fs::remove_file(desk.data().join("secret.key")).unwrap();
    let refused = restore(&desk, &file, &[]);
    assert!(refused.code == Some(2) && refused.err.contains("tables in the database already"), "{refused:?}");
    fs::write(desk.data().join("secret.key"), key).unwrap();
    assert_eq!(digest(&desk).await, before);
    assert!(names(&desk.data()).iter().all(|name| listed.contains(name)), "{:?}", names(&desk.data()));
}

async fn a_desk_that_is_served_is_not_restored_over(engine: TestEngine) {
    let (shelf, desk) = (Shelf::new(), small_desk(engine).await);
    let file = shelf.file("desk.backup");
    let _serving = tokio::task::block_in_place(|| desk.serve());
    backup(&desk, &file, &[]).ok();
    let refused = restore(&desk, &file, &[]);
    assert!(refused.code == Some(2) && refused.err.contains("is there already"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_replaces_no_file_and_says_what_is_missing() {
    let (shelf, desk) = (Shelf::new(), small_desk(TestEngine::Sqlite).await);
    let file = shelf.with("desk.backup", "precious");
    let refused = backup(&desk, &file, &[]);
    assert!(refused.code == Some(2) && refused.err.contains("never replaces"), "{refused:?}");
    assert_eq!(
        (fs::read_to_string(&file).unwrap(), shelf.names()),
        ("precious".to_owned(), vec!["desk.backup".to_owned()])
    );
    let refused = backup(&desk, &shelf.file("no/such/place"), &[]);
    assert!(refused.code == Some(2) && refused.err.contains("can't be written"), "{refused:?}");
    let refused = backup(&Place::sqlite(), &shelf.file("new"), &[]);
    assert!(refused.code == Some(2) && refused.err.contains("there is no desk"), "{refused:?}");
    fs::remove_file(desk.data().join("secret.key")).unwrap();
    let refused = backup(&desk, &shelf.file("new"), &[]);
    assert!(refused.code == Some(2) && refused.err.contains("secret.key is missing"), "{refused:?}");
    assert_eq!(shelf.names(), ["desk.backup"]);
}

both_engines!(a_desk_is_never_restored_over_another, a_desk_that_is_served_is_not_restored_over);
