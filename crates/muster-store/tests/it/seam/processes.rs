//! Several processes on one database.

use std::time::Duration;

use muster_store::{Database, DbErrorKind, Process, Store, StoreOptions, db_error, params};
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use super::desk::{ADD, Desk, Gate, add_at_gate, eventually, queued, write};

async fn a_command_wakes_the_serving_process(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let command = desk.open_again(Process::Command).await;
    let mut committed = desk.store.committed();
    for name in ["a", "b", "c"] {
        committed.mark_unchanged();
        write(&command, ADD, params![name]).await.expect("a thing is added");
        let woken = tokio::time::timeout(Duration::from_secs(60), committed.changed()).await;
        woken.expect("the serving process is woken").expect("the store is open");
    }
    command.close().await;
    assert_eq!(desk.names().await, ["a", "b", "c"]);
}

async fn two_processes_write_in_turn(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let command = desk.open_again(Process::Command).await;
    let gate = Gate::closed();
    let held = queued(add_at_gate(&command, "command", &gate)).await;
    let (held, other, ()) = tokio::join!(held, desk.add("serve"), async { gate.open() });
    held.expect("the command writes");
    other.expect("the serving process writes");
    assert_eq!(desk.names().await, ["command", "serve"]);
}

async fn a_desk_is_served_by_one_process(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let second = desk.open_again(Process::Serve).await;
    let lock = desk.store.try_serve_lock().await.expect("nobody serves yet");
    let refused = second.try_serve_lock().await.expect_err("the desk is served");
    let refused = db_error(&refused).expect("a cause");
    assert_eq!(refused.kind, DbErrorKind::Served);
    assert!(refused.message.contains("served by another process"), "{}", refused.message);
    drop(lock);
    eventually("the lock", async || second.try_serve_lock().await.is_ok()).await;
}

async fn closing_gives_the_serve_lock_back(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let lock = desk.store.try_serve_lock().await.expect("nobody serves yet");
    let second = desk.open_again(Process::Serve).await;
    desk.store.close().await;
    drop(lock);
    eventually("the lock", async || second.try_serve_lock().await.is_ok()).await;
}

both_engines!(
    a_command_wakes_the_serving_process,
    two_processes_write_in_turn,
    a_desk_is_served_by_one_process,
    closing_gives_the_serve_lock_back,
);

#[tokio::test]
async fn a_command_does_not_make_a_database() {
    let directory = tempfile::TempDir::new().expect("a temporary directory");
    let file = directory.path().join("elsewhere").join("muster.db");
    let options = StoreOptions { process: Process::Command, ..StoreOptions::new(Database::Sqlite(file.clone())) };
    let error = Store::open(options).await.expect_err("there is no desk");
    assert!(db_error(&error).expect("a cause").message.contains("there is no database"));
    assert!(!file.parent().expect("a directory").exists());
}
