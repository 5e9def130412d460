//! What only SQLite does: group commit, threads, files.

use std::os::unix::fs::PermissionsExt as _;
use std::pin::Pin;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use muster_core::{Busy, Error, Result};
use muster_store::{DbErrorKind, Durability, Process, Sql, Store, db_error, params, sql};
use muster_testkit::postgres::TestEngine;

use super::desk::{ADD, Desk, Gate, add_at_gate, queued, write};

#[tokio::test]
async fn jobs_that_wait_share_one_commit() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    // A command hears of its own commits alone, so that they can be counted.
    let store = desk.open_again(Process::Command).await;
    let gate = Gate::closed();
    let held = queued(add_at_gate(&store, "held", &gate)).await;
    gate.reached().await;
    let before = *store.committed().borrow();
    let mut waiting = Vec::new();
    for count in 0..40 {
        waiting.push(queued(add_at_gate(&store, &format!("{count:02}"), &gate)).await);
    }
    gate.open();
    held.await.expect("the first job lasts");
    for outcome in join_all(waiting).await {
        outcome.expect("every job lasts");
    }
    let commits = *store.committed().borrow() - before;
    assert_eq!(commits, 2, "one for the job that was held, and one for all that waited");
    assert_eq!(desk.names().await.len(), 41);
}

#[tokio::test]
async fn nobody_is_answered_before_the_commit() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    let (first, second) = (Gate::closed(), Gate::closed());
    let blocker = queued(add_at_gate(&desk.store, "blocker", &first)).await;
    first.reached().await;
    let mut quick = queued(add(&desk.store, "quick")).await;
    let slow = queued(add_at_gate(&desk.store, "slow", &second)).await;
    first.open();
    // Now `quick` has run, and its transaction is kept open by `slow`.
    second.reached().await;
    blocker.await.expect("the batch before is committed");
    assert!(futures_util::poll!(&mut quick).is_pending(), "answered before its commit");
    assert_eq!(desk.names().await, ["blocker"]);
    second.open();
    quick.await.expect("the job lasts");
    slow.await.expect("the job lasts");
    assert_eq!(desk.names().await, ["blocker", "quick", "slow"]);
}

#[tokio::test]
async fn a_failing_commit_fails_its_whole_batch() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    let gate = Gate::closed();
    let held = queued(add_at_gate(&desk.store, "held", &gate)).await;
    gate.reached().await;
    let good = queued(add(&desk.store, "good")).await;
    let orphan = write(&desk.store, sql!("INSERT INTO orphans (parent) VALUES (999)"), []);
    let (held, good, orphan, ()) = tokio::join!(held, good, orphan, async { gate.open() });
    held.expect("the batch before lasts");
    assert!(matches!(good, Err(Error::Busy(Busy::Store))), "{good:?}");
    assert!(matches!(orphan, Err(Error::Busy(Busy::Store))), "{orphan:?}");
    assert_eq!(desk.names().await, ["held"]);
}

/// SQLite does the same by itself when the disk is full at a bad moment.
#[tokio::test]
async fn a_transaction_that_ends_early_fails_its_whole_batch() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    let gate = Gate::closed();
    let held = queued(add_at_gate(&desk.store, "held", &gate)).await;
    gate.reached().await;
    let before = queued(add(&desk.store, "before")).await;
    let ends = write(&desk.store, sql!(sqlite: "ROLLBACK"), []);
    let behind = add(&desk.store, "behind");
    let (held, before, ends, behind, ()) = tokio::join!(held, before, ends, behind, async { gate.open() });
    held.expect("the batch before lasts");
    assert!(matches!(before, Err(Error::Busy(Busy::Store))), "{before:?}");
    assert!(matches!(ends, Err(Error::Busy(Busy::Store))), "{ends:?}");
    assert!(matches!(behind, Err(Error::Busy(Busy::Store))), "{behind:?}");
    assert_eq!(desk.names().await, ["held"]);
    desk.add("after").await.expect("the store goes on");
}

#[tokio::test]
async fn a_job_that_waits_for_something_else_fails_at_once() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    let outcome = desk.store.write(|tx| {
        async move {
            tx.execute(ADD, &params!["a"]).await?;
            tokio::task::yield_now().await;
            Ok(())
        }
        .boxed()
    });
    let error = outcome.await.expect_err("jobs must not wait");
    assert_eq!(db_error(&error).map(|error| &error.kind), Some(&DbErrorKind::Job));
    assert!(desk.names().await.is_empty());
    desk.add("b").await.expect("the store goes on");
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    limit_pages(&desk.store, sql!("PRAGMA max_page_count = 64")).await;
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for round in 0..20 {
        let gate = Gate::closed();
        let held = queued(add_at_gate(&desk.store, &format!("{round} held"), &gate)).await;
        gate.reached().await;
        let names: Vec<String> = (0..8).map(|job| format!("{round} {job} {}", "x".repeat(3_000 * job))).collect();
        let mut jobs = Vec::new();
        for name in &names {
            jobs.push(queued(add(&desk.store, name)).await);
        }
        gate.open();
        if held.await.is_ok() {
            acknowledged.push(format!("{round} held"));
        }
        for (name, outcome) in names.into_iter().zip(join_all(jobs).await) {
            match outcome {
                Ok(()) => acknowledged.push(name),
                Err(Error::Busy(Busy::ReadOnly)) => refused += 1,
                Err(error) => panic!("a full disk is busy, not {error:?}"),
            }
        }
    }
    assert!(refused > 0, "the disk was never full");
    assert!(!acknowledged.is_empty(), "the disk was always full");
    acknowledged.sort();
    assert_eq!(desk.names().await, acknowledged);
    limit_pages(&desk.store, sql!("PRAGMA max_page_count = 100000")).await;
    desk.add("after").await.expect("the store works again once there is room");
}

#[tokio::test]
async fn a_database_grows_to_its_bound() {
    let desk = Desk::with(TestEngine::Sqlite, |options| options.max_size = Some(64 * 4096)).await;
    let mut acknowledged = Vec::new();
    let refused = loop {
        let name = format!("{:03} {}", acknowledged.len(), "x".repeat(4000));
        match desk.add(&name).await {
            Ok(_) => acknowledged.push(name),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Error::Busy(Busy::ReadOnly)), "{refused:?}");
    assert!((10..64).contains(&acknowledged.len()), "{}", acknowledged.len());
    assert!(!desk.store.is_writable().await);
    assert_eq!(desk.names().await, acknowledged);
    write(&desk.store, sql!("DELETE FROM things WHERE id > 5"), []).await.expect("what makes room is written");
    desk.add("after").await.expect("there is room again");
}

#[tokio::test]
async fn the_space_kept_free_is_for_those_who_may_use_it() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    desk.store.guard_space(u64::MAX);
    let refused = desk.add("ordinary").await;
    assert!(matches!(refused, Err(Error::Busy(Busy::ReadOnly))), "{refused:?}");
    let reserved = desk.store.write_in_reserve(|tx| async move { tx.execute(ADD, &params!["reserved"]).await }.boxed());
    reserved.await.expect("the reserve is there");
    assert_eq!((desk.store.is_writable().await, desk.store.has_reserve().await), (false, true));
    assert_eq!(desk.names().await, ["reserved"]);
    desk.store.guard_space(0);
    desk.add("ordinary").await.expect("nothing is kept free any more");
    assert!(desk.store.is_writable().await);
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    let _lock = desk.store.try_serve_lock().await.expect("nobody serves yet");
    let file = desk.file();
    let directory = file.parent().expect("a directory");
    let mode = |path: &std::path::Path| path.metadata().expect("it exists").permissions().mode() & 0o777;
    assert_eq!(mode(directory), 0o700);
    let mut names = Vec::new();
    for entry in directory.read_dir().expect("a directory") {
        let entry = entry.expect("an entry");
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().expect("a plain name"));
    }
    names.sort();
    assert_eq!(names, ["muster.db", "muster.db-shm", "muster.db-wal", "muster.lock"]);
}

#[tokio::test]
async fn closing_empties_the_log() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    desk.add("a").await.expect("a thing is added");
    desk.store.close().await;
    let log = desk.file().with_file_name("muster.db-wal");
    assert!(log.metadata().map_or(0, |log| log.len()) == 0, "the log is left behind");
}

#[tokio::test]
async fn the_log_does_not_grow_without_end() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    let grow = sql!("INSERT INTO things (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET count = things.count + 1");
    let text = "x".repeat(400_000);
    let log = desk.file().with_file_name("muster.db-wal");
    let mut largest = 0;
    // 400 MB in all, of which the log keeps what was not copied in time.
    for count in 0..1_000 {
        write(&desk.store, grow, params![format!("{} {text}", count % 10)]).await.expect("a thing is written");
        largest = largest.max(log.metadata().expect("the log").len());
    }
    assert!(largest < 300 << 20, "the log grew to {largest} bytes");
}

#[tokio::test]
async fn connections_are_set_up_for_safety() {
    let desk = Desk::with(TestEngine::Sqlite, |options| options.durability = Durability::Full).await;
    let settings = [
        (sql!("PRAGMA journal_mode"), "journal_mode", "wal"),
        (sql!("PRAGMA synchronous"), "synchronous", "2"),
        (sql!("PRAGMA foreign_keys"), "foreign_keys", "1"),
        (sql!("PRAGMA trusted_schema"), "trusted_schema", "0"),
        (sql!("PRAGMA mmap_size"), "mmap_size", "0"),
        (sql!("PRAGMA wal_autocheckpoint"), "wal_autocheckpoint", "0"),
    ];
    for (sql, column, wanted) in settings {
        let row = desk.store.write(move |tx| async move { tx.query_one(sql, &[]).await }.boxed()).await;
        let row = row.expect("the setting is told");
        let value =
            row.get::<i64>(column).map_or_else(|_| row.get::<String>(column).expect("a word"), |n| n.to_string());
        assert_eq!(value, wanted, "{column}");
    }
}

async fn limit_pages(store: &Store, limit: Sql) {
    let limited = store.write(move |tx| async move { tx.query(limit, &[]).await }.boxed()).await;
    limited.expect("the limit is set");
}

fn add(store: &Store, name: &str) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> {
    add_at_gate(store, name, &Gate::opened())
}
