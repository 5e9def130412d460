//! Copies that the desk makes of itself.

use std::time::Duration;

use muster_store::sql;
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use super::{ADMIN, Shelf, assert_same_files, backup, put_template, restore};
use crate::books;
use crate::program::{Place, Serving};

/// Serves with a copy each hour, of which two are kept, in `directory`.
fn serve(place: &Place, directory: &str, further: &[(&str, &str)]) -> Serving {
    let variables = [("MUSTER_BACKUP__EVERY", "1h"), ("MUSTER_BACKUP__KEEP", "2"), ("MUSTER_BACKUP__DIR", directory)];
    tokio::task::block_in_place(|| place.serve_with(&[], &[&variables, &ADMIN[..], further].concat()))
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain");
}

async fn a_desk_copies_itself_and_keeps_the_newest(engine: TestEngine) {
    let (shelf, place) = (Shelf::new(), Place::new(engine).await);
    drop(tokio::task::block_in_place(|| place.serve_with(&[], &ADMIN)));
    put_template(&place);
    let old = ["muster-20200101T000000Z.backup", "muster-20200102T000000Z.backup", "muster-20200103T000000Z.backup"];
    for name in [&old[..], &["mine.backup", "muster-20200104T000000Z.backup.part"]].concat() {
        shelf.with(name, "old");
    }
    let passphrase = shelf.with("passphrase", "correct horse battery");
    let flags = ["--passphrase-file", passphrase.to_str().unwrap()];
    let further = [("MUSTER_BACKUP__PASSPHRASE_FILE", flags[1])];
    let serving = serve(&place, shelf.file("").to_str().unwrap(), &further);
    until(async || !shelf.names().contains(&old[1].to_owned())).await;
    drop(serving);

    let names = shelf.names();
    let [mine, kept, new, passphrase] = &names[..] else { panic!("{names:?}") };
    assert_eq!([mine.as_str(), kept, passphrase], ["mine.backup", old[2], "passphrase"]);
    let other = Place::new(engine).await;
    backup(&other, &shelf.file(new), &[&["--verify"], &flags[..]].concat()).ok();
    restore(&other, &shelf.file(new), &flags).ok();
    assert_same_files(&place, &other);

    let mut doctor = place.command(&["doctor"]);
    doctor.env("MUSTER_BACKUP__EVERY", "1h").env("MUSTER_BACKUP__DIR", shelf.file(""));
    let told = crate::program::ended(doctor.output());
    assert!(told.out.contains("ok     the last good copy of the desk is of"), "{told:?}");
}

async fn a_copy_that_fails_is_a_failed_job_with_its_reason(engine: TestEngine) {
    let (shelf, place) = (Shelf::new(), Place::new(engine).await);
    let occupied = shelf.with("occupied", "a file");
    let _serving = serve(&place, occupied.to_str().unwrap(), &[]);
    let store = books::open(place.database()).await;
    until(async || {
        let select = sql!("SELECT last_error FROM jobs WHERE name = 'backup.copy' AND last_error IS NOT NULL");
        let rows = store.read(move |tx| Box::pin(async move { tx.query(select, &[]).await })).await.unwrap();
        rows.iter().any(|row| row.get_str("last_error").unwrap().contains("occupied can't be made"))
    })
    .await;
    store.close().await;
    let mut doctor = place.command(&["doctor"]);
    doctor.env("MUSTER_BACKUP__EVERY", "1h").env("MUSTER_BACKUP__DIR", &occupied);
    let told = crate::program::ended(doctor.output());
    assert!(told.out.contains("WRONG") && told.out.contains("occupied can't be read"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_that_is_missing_keeps_the_desk_from_starting() {
    let (shelf, place) = (Shelf::new(), Place::sqlite());
    let mut serve = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("MUSTER_BACKUP__EVERY", "1h").env("MUSTER_BACKUP__PASSPHRASE_FILE", shelf.file("none"));
    let refused = crate::program::ended(serve.output());
    assert!(refused.code == Some(2) && refused.err.contains("the passphrase file"), "{refused:?}");
}

both_engines!(a_desk_copies_itself_and_keeps_the_newest, a_copy_that_fails_is_a_failed_job_with_its_reason);
