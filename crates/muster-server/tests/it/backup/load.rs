//! A backup of a desk that thirty-two writers are at.

use std::path::Path;

use muster_store::outbox;
use muster_testkit::both_engines;
use muster_testkit::postgres::{TestEngine, engines};

use super::{Shelf, assert_same_files, backup, digest, put_template, restore};
use crate::books;
use crate::kill::{Acknowledged, Scene, Trouble, VARIABLES};
use crate::program::{Place, mode};

/// Writes that are acknowledged before the backup begins, and again after it has ended.
const WRITES: usize = 300;

async fn a_backup_under_load_is_the_desk_of_one_instant(engine: TestEngine) {
    let shelf = Shelf::new();
    let file = shelf.file("desk.backup");
    let mut scene = Scene::set_up(Place::new(engine).await, Trouble::Kills).await;
    put_template(scene.desk.place());
    let before = scene.acknowledged(WRITES).await;
    let printed = backup(scene.desk.place(), &file, &[]).ok();
    let meanwhile = scene.acknowledged(0).await.len();
    let after = scene.acknowledged(meanwhile + WRITES).await.split_off(meanwhile);
    scene.stop().await;
    assert_eq!((shelf.names(), mode(&file)), (vec!["desk.backup".to_owned()], 0o600));
    assert!(printed.contains("is not encrypted"), "{printed}");

    for to in engines() {
        let place = Place::new(to).await;
        restore(&place, &file, &[]).ok();
        assert_same_files(scene.desk.place(), &place);
        assert_balanced(&place, &after, &printed).await;
        assert_goes_on(&scene, &place, &before).await;
    }
}

/// The books balance, nothing in them is of after the backup, and they end where it says.
async fn assert_balanced(place: &Place, after: &[Acknowledged], printed: &str) {
    let store = books::open(place.database()).await;
    books::check(&store).await;
    books::check_assignments(&store).await;
    assert!(books::is_positioned(&store).await);
    let last = store.read(|tx| Box::pin(outbox::last_position(tx))).await.unwrap();
    assert!(printed.contains(&format!("events up to {last}\n")), "{last} {printed}");
    let requests = books::requests(&store).await;
    let late: Vec<_> =
        after.iter().filter(|one| one.request.as_ref().is_some_and(|id| requests.contains(id))).collect();
    assert!(late.is_empty(), "{late:?}");
    store.close().await;
}

/// The restored desk serves all that had been acknowledged before the backup began, to those who hold the old keys.
async fn assert_goes_on(scene: &Scene, place: &Place, before: &[Acknowledged]) {
    let variables = [&VARIABLES[..], &[("MUSTER_LIBREDESK__RATE_LIMITS", "false")]].concat();
    let serving = tokio::task::block_in_place(|| place.serve_with(&[], &variables));
    scene.desk.address.is(&serving.base);
    let store = books::open(place.database()).await;
    let requests = books::requests(&store).await;
    Acknowledged::assert_stored(before, &scene.desk.admin, &requests).await;
    while !books::is_positioned(&store).await {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    books::check(&store).await;
    store.close().await;
    scene.desk.address.is_gone();
}

async fn a_desk_goes_to_either_engine_and_back_unchanged(engine: TestEngine) {
    let shelf = Shelf::new();
    let mut scene = Scene::set_up(Place::new(engine).await, Trouble::Kills).await;
    put_template(scene.desk.place());
    scene.acknowledged(WRITES).await;
    scene.stop().await;
    let first = shelf.file("first.backup");
    backup(scene.desk.place(), &first, &[]).ok();
    let expected = digest(&restored(engine, &first).await).await;
    for to in engines() {
        let there = restored(to, &first).await;
        let second = shelf.file(&format!("from-{to:?}.backup"));
        backup(&there, &second, &[]).ok();
        let back = restored(engine, &second).await;
        assert_eq!(digest(&back).await, expected, "{engine:?} by way of {to:?}");
        assert_same_files(scene.desk.place(), &back);
    }
}

async fn restored(engine: TestEngine, file: &Path) -> Place {
    let place = Place::new(engine).await;
    restore(&place, file, &[]).ok();
    place
}

both_engines!(a_backup_under_load_is_the_desk_of_one_instant, a_desk_goes_to_either_engine_and_back_unchanged);
