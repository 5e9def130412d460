//! `muster doctor`.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use muster_testkit::both_engines;
use muster_testkit::postgres::{Cluster, Fsync, TestEngine, engines};

use super::PASSWORD;
use crate::program::{Place, ended_with_input};

async fn a_desk_that_serves_and_has_an_administrator_is_well(engine: TestEngine) {
    // A server as it comes: the one that tests share may be set to forget.
    let cluster = match engine {
        TestEngine::Sqlite => None,
        TestEngine::Postgres => Some(Cluster::start(Fsync::On).await),
    };
    let place = cluster.as_ref().map_or_else(Place::sqlite, |cluster| Place::postgres(cluster.url()));
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

#[tokio::test]
async fn a_database_server_that_can_lose_writes_is_told() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let cluster = Cluster::start(Fsync::Off).await;
    let place = Place::postgres(cluster.url());
    place.serve().terminate();
    let ended = place.run(&["doctor"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("WRONG  fsync is off"), "{ended:?}");
}

/// A small disk of its own, which only root can make. Let go of when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(options: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(place.path()).status();
        assert!(mounted.unwrap().success(), "root can mount");
        Self(place)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.0.path()).status());
    }
}

#[test]
fn a_disk_that_is_almost_full_is_told() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let disk = SmallDisk::new("size=64m");
    let data = disk.0.path().join("desk");
    let data = data.to_str().unwrap();
    let place = Place::sqlite();
    place.serve().terminate();
    let copied = Command::new("cp").arg("-a").arg(place.data()).arg(data).status();
    assert!(copied.unwrap().success());
    let ended = crate::program::ended(crate::program::muster(&["doctor", "--data", data]).output());
    assert_eq!(ended.code, Some(1));
    let line = format!("WRONG  the disk of the desk ({data}) is almost full");
    assert!(ended.out.contains(&line), "{ended:?}");
}

#[test]
fn a_configuration_with_a_secret_that_others_can_read_is_told() {
    let place = Place::sqlite();
    place.serve().terminate();
    let file = place.data().join("muster.toml");
    std::fs::write(&file, "[database]\nurl = \"postgres://muster:hidden@127.0.0.1:1/muster\"\n").unwrap();
    set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let ended = place.run(&["doctor", "--config", file.to_str().unwrap()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("which holds database.url: chmod o="), "{ended:?}");
    assert!(!ended.out.contains("hidden") && !ended.err.contains("hidden"), "{ended:?}");
}

#[test]
fn too_few_open_files_are_told() {
    let place = Place::sqlite();
    place.serve().terminate();
    let doctor = place.command(&["doctor"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 256 && exec \"$0\" \"$@\""]).arg(doctor.get_program()).args(doctor.get_args());
    let ended = crate::program::ended(shell.output());
    assert!(ended.out.contains("WRONG  a desk may open 256 files only"), "{ended:?}");
}

both_engines!(a_desk_that_serves_and_has_an_administrator_is_well);
