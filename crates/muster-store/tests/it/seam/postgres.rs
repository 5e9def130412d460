//! What only PostgreSQL does: conflicts between transactions, lost connections, the URL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use muster_core::{Busy, Error, Result};
use muster_store::{Database, DbErrorKind, Store, StoreOptions, db_error, params, sql};
use muster_testkit::postgres::{TestEngine, engines};
use tokio::sync::Barrier;

use super::desk::{ADD, Desk, Gate, eventually, write};

/// A desk on PostgreSQL, unless it is left out on purpose.
async fn desk() -> Option<Desk> {
    if engines().contains(&TestEngine::Postgres) { Some(Desk::new(TestEngine::Postgres).await) } else { None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_run_again_until_both_succeed() {
    let Some(desk) = desk().await else { return };
    for name in ["a", "b"] {
        desk.add(name).await.expect("a thing is added");
    }
    let (attempts, both_hold_one) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(2)));
    let cross = |first: &'static str, second: &'static str| {
        let (attempts, both_hold_one) = (Arc::clone(&attempts), Arc::clone(&both_hold_one));
        desk.store.write(move |tx| {
            let (attempts, both_hold_one) = (Arc::clone(&attempts), Arc::clone(&both_hold_one));
            async move {
                let count = sql!("UPDATE things SET count = count + 1 WHERE name = $1");
                tx.execute(count, &params![first]).await?;
                if attempts.fetch_add(1, Ordering::SeqCst) < 2 {
                    both_hold_one.wait().await;
                }
                tx.execute(count, &params![second]).await
            }
            .boxed()
        })
    };
    let (one, other) = tokio::join!(cross("a", "b"), cross("b", "a"));
    one.expect("the one succeeds");
    other.expect("the other succeeds");
    assert!(attempts.load(Ordering::SeqCst) >= 3, "one of them was run again");
    let rows = desk.rows(sql!("SELECT count FROM things")).await;
    let counts: Result<Vec<i64>> = rows.iter().map(|row| row.get("count")).collect();
    assert_eq!(counts.expect("counts"), [2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_that_does_not_end_is_given_up_on() {
    let Some(desk) = desk().await else { return };
    let conflict = sql!(postgres: "DO $$ BEGIN RAISE EXCEPTION 'no way' USING ERRCODE = '40001'; END $$");
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&attempts);
    let outcome = desk.store.write(move |tx| {
        let counter = Arc::clone(&counter);
        async move {
            counter.fetch_add(1, Ordering::SeqCst);
            tx.execute(ADD, &params!["a"]).await?;
            tx.execute(conflict, &[]).await
        }
        .boxed()
    });
    let error = outcome.await.expect_err("the conflict stays");
    assert_eq!(db_error(&error).map(|error| &error.kind), Some(&DbErrorKind::Conflict));
    assert_eq!(attempts.load(Ordering::SeqCst), 5);
    assert!(desk.names().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_before_the_commit_is_replaced() {
    let Some(desk) = desk().await else { return };
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&attempts);
    let outcome = desk.store.write(move |tx| {
        let counter = Arc::clone(&counter);
        async move {
            tx.execute(ADD, &params!["a"]).await?;
            if counter.fetch_add(1, Ordering::SeqCst) == 0 {
                tx.query(sql!(postgres: "SELECT pg_terminate_backend(pg_backend_pid())"), &[]).await?;
            }
            Ok(())
        }
        .boxed()
    });
    outcome.await.expect("the second attempt succeeds");
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
    assert_eq!(desk.names().await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_given_up_leaves_no_transaction_behind() {
    let Some(desk) = desk().await else { return };
    for _ in 0..40 {
        let gate = Gate::closed();
        let inside = gate.clone();
        let mut read = Box::pin(desk.store.read(move |tx| {
            let inside = inside.clone();
            async move {
                tx.query(sql!("SELECT name FROM things"), &[]).await?;
                inside.pass(tx.engine()).await;
                Ok(())
            }
            .boxed()
        }));
        assert!(futures_util::poll!(&mut read).is_pending());
        drop(read);
    }
    // More than the pool has connections: had they kept their transactions, the next reads would see old snapshots.
    for count in 1..=40 {
        desk.add(&format!("{count}")).await.expect("a thing is added");
        assert_eq!(desk.names().await.len(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_serve_lock_is_taken_again_after_its_connection_was_lost() {
    let Some(desk) = desk().await else { return };
    let _lock = desk.store.try_serve_lock().await.expect("nobody serves yet");
    let holders = sql!(postgres: "
        SELECT pid FROM pg_locks
        WHERE locktype = 'advisory' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ");
    let holder = async || {
        let rows = desk.rows(holders).await;
        rows.first().map(|row| row.get::<i64>("pid").expect("a process id"))
    };
    let first = holder().await.expect("the lock is held");
    let end = sql!(postgres: "SELECT pg_terminate_backend($1::bigint::int)");
    let ended = desk.store.write(move |tx| async move { tx.query(end, &params![first]).await }.boxed()).await;
    ended.expect("the session is ended");
    eventually("another holder", async || holder().await.is_some_and(|pid| pid != first)).await;
    let second = desk.open_again(muster_store::Process::Serve).await;
    second.try_serve_lock().await.expect_err("the desk is still served");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_transaction_of_a_failed_job_does_not_leak_into_the_next() {
    let Some(desk) = desk().await else { return };
    desk.add("taken").await.expect("the name is free");
    for _ in 0..20 {
        desk.add("taken").await.expect_err("the name is taken");
    }
    write(&desk.store, ADD, params!["free"]).await.expect("the name is free");
    assert_eq!(desk.names().await, ["free", "taken"]);
}

#[tokio::test]
async fn a_url_that_asks_for_tls_is_refused() {
    for mode in ["require", "verify-full"] {
        let url = format!("postgres://muster@127.0.0.1:1/muster?sslmode={mode}");
        let error = Store::open(StoreOptions::new(Database::Postgres(url))).await.expect_err("there is no TLS");
        assert!(db_error(&error).expect("a cause").message.contains("TLS"), "{error:?}");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_named_as_such() {
    let url = "postgres://muster:hidden@127.0.0.1:1/muster".to_owned();
    let options = StoreOptions::new(Database::Postgres(url));
    assert!(!format!("{options:?}").contains("hidden"));
    let error = Store::open(options).await.expect_err("nobody listens there");
    let message = &db_error(&error).expect("a cause").message;
    assert!(message.contains("can't be reached"), "{message}");
    assert!(!message.contains("hidden"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_is_busy() {
    let Some(desk) = desk().await else { return };
    let outcome = desk.store.write(|tx| {
        async move {
            tx.execute(sql!(postgres: "SET TRANSACTION READ ONLY"), &[]).await?;
            tx.execute(ADD, &params!["a"]).await
        }
        .boxed()
    });
    let outcome = outcome.await;
    assert!(matches!(outcome, Err(Error::Busy(Busy::ReadOnly))), "{outcome:?}");
}
