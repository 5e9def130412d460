//! `muster doctor`.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;

use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use super::PASSWORD;
use crate::program::{Place, ended_with_input};

async fn a_desk_that_serves_and_has_an_administrator_is_well(engine: TestEngine) {
    let place = Place::new(engine).await;
    let _desk = place.serve();
    let ended = place.run(&["doctor"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("WRONG  nobody administers the desk"), "{ended:?}");

    let create =
        place.command(&["admin", "create", "--email", "kim@example.org", "--first-name", "Kim", "--password-stdin"]);
    ended_with_input(create, PASSWORD).ok();
    let printed = place.run(&["doctor"]).ok();
    assert!(!printed.contains("WRONG"), "{printed}");
}

#[test]
fn what_is_missing_or_open_is_told() {
    let place = Place::sqlite();
    let ended = place.run(&["doctor"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("WRONG  there is no data directory"), "{ended:?}");
    assert!(ended.out.contains("WRONG  there is no desk in"), "{ended:?}");

    place.serve().terminate();
    set_permissions(place.data(), Permissions::from_mode(0o755)).unwrap();
    let ended = place.run(&["doctor"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("WRONG  others can read"), "{ended:?}");
}

#[test]
fn a_database_out_of_reach_is_told() {
    let place = Place::sqlite();
    let ended = place.run(&["doctor", "--database", "postgres://muster:hidden@127.0.0.1:1/muster"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("WRONG  the database can't be opened"), "{ended:?}");
    assert!(!ended.out.contains("hidden") && !ended.err.contains("hidden"), "{ended:?}");
}

both_engines!(a_desk_that_serves_and_has_an_administrator_is_well);
