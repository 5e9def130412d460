//! What the doors promise, on both engines.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use muster_core::{Busy, Error, Refusal, Result};
use muster_store::{DbErrorKind, Sql, Tx, db_error, params, sql};
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use super::desk::{ADD, Desk, Gate, add_at_gate, eventually, queued, write};

async fn a_write_is_seen_by_the_next_read(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    for count in 1..=50 {
        assert_eq!(desk.add(&format!("{count:02}")).await.expect("a thing is added"), 1);
        assert_eq!(desk.names().await.len(), count);
    }
}

async fn a_failing_job_rolls_back_alone(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let gate = Gate::closed();
    let held = queued(add_at_gate(&desk.store, "first", &gate)).await;
    let refused = desk.store.write(|tx| {
        async move {
            tx.execute(ADD, &params!["refused"]).await?;
            Err::<(), _>(Error::Refused(Refusal::LastAdmin))
        }
        .boxed()
    });
    let last = desk.add("last");
    let open = async { gate.open() };
    let (held, refused, last, ()) = tokio::join!(held, refused, last, open);
    held.expect("the job before lasts");
    assert!(matches!(refused, Err(Error::Refused(Refusal::LastAdmin))), "{refused:?}");
    last.expect("the job behind lasts");
    assert_eq!(desk.names().await, ["first", "last"]);
}

/// A deferred constraint, which the desk's own schema has none of, makes the commit itself fail.
async fn a_failing_commit_acknowledges_nothing(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let outcome = desk.store.write(|tx| {
        async move {
            tx.execute(ADD, &params!["a"]).await?;
            tx.execute(sql!("INSERT INTO orphans (parent) VALUES (999)"), &[]).await
        }
        .boxed()
    });
    outcome.await.expect_err("the commit fails");
    assert!(desk.names().await.is_empty());
    desk.add("b").await.expect("the store goes on");
    assert_eq!(desk.names().await, ["b"]);
}

async fn a_panicking_job_is_an_error_and_leaves_nothing(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    for attempt in ["a", "b"] {
        let outcome = desk.store.write(move |tx| {
            async move {
                tx.execute(ADD, &params![attempt]).await?;
                assert!(attempt.is_empty(), "deliberate");
                Ok(())
            }
            .boxed()
        });
        let error = outcome.await.expect_err("a panic is no success");
        let cause = db_error(&error).expect("the panic is the cause");
        assert_eq!(cause.kind, DbErrorKind::Job);
        assert!(cause.message.contains("deliberate"), "{}", cause.message);
    }
    desk.add("c").await.expect("the store goes on");
    assert_eq!(desk.names().await, ["c"]);
}

async fn a_job_that_swallows_a_failure_fails(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    desk.add("taken").await.expect("the name is free");
    let outcome = desk.store.write(|tx| {
        async move {
            tx.execute(ADD, &params!["new"]).await?;
            tx.execute(ADD, &params!["taken"]).await.expect_err("the name is taken");
            tx.execute(ADD, &params!["newer"]).await.expect_err("the transaction is lost");
            Ok(())
        }
        .boxed()
    });
    let error = outcome.await.expect_err("nothing was written");
    assert_eq!(db_error(&error).map(|error| &error.kind), Some(&DbErrorKind::Job));
    assert_eq!(desk.names().await, ["taken"]);
}

async fn a_dropped_caller_does_not_cut_its_write(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let gate = Gate::closed();
    drop(queued(add_at_gate(&desk.store, "a", &gate)).await);
    gate.open();
    eventually("the write", async || desk.names().await == ["a"]).await;
}

async fn a_full_queue_refuses_at_once(engine: TestEngine) {
    let desk = Desk::with(engine, |options| options.queue = 2).await;
    let gate = Gate::closed();
    let mut waiting = Vec::new();
    let refused = loop {
        // How many fit depends on whether a thread has already taken some.
        let mut job = add_at_gate(&desk.store, &format!("{}", waiting.len()), &gate);
        match futures_util::poll!(&mut job) {
            std::task::Poll::Pending => waiting.push(job),
            std::task::Poll::Ready(outcome) => break outcome,
        }
        assert!(waiting.len() <= 2 + desk.options.batch, "the queue has an end");
    };
    assert!(matches!(refused, Err(Error::Busy(Busy::QueueFull))), "{refused:?}");
    assert!(waiting.len() >= 2, "two may wait");
    gate.open();
    let accepted = waiting.len();
    for outcome in futures_util::future::join_all(waiting).await {
        outcome.expect("what was accepted is written");
    }
    assert_eq!(desk.names().await.len(), accepted);
}

async fn a_read_keeps_its_snapshot(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let gate = Gate::closed();
    let inside = gate.clone();
    let read = desk.store.read(move |tx| {
        let inside = inside.clone();
        async move {
            let before = tx.query(NAMES, &[]).await?.len();
            inside.pass(tx.engine()).await;
            Ok((before, tx.query(NAMES, &[]).await?.len()))
        }
        .boxed()
    });
    let between = async {
        gate.reached().await;
        desk.add("a").await.expect("a writer is not held up by a reader");
        gate.open();
    };
    let (seen, ()) = tokio::join!(read, between);
    assert_eq!(seen.expect("reading works"), (0, 0));
    assert_eq!(desk.names().await, ["a"]);
}

async fn reading_doors_refuse_writes(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    desk.store.read(add).await.expect_err("a read can't write");
    desk.store.scan(add).await.expect_err("a scan can't write");
    assert!(desk.names().await.is_empty());
}

fn add(tx: &mut Tx) -> BoxFuture<'_, Result<u64>> {
    async move { tx.execute(ADD, &params!["a"]).await }.boxed()
}

async fn a_slow_statement_meets_its_deadline(engine: TestEngine) {
    let desk = Desk::with(engine, |options| options.deadline = Duration::from_millis(300)).await;
    let endless = sql!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) AS c FROM n");
    let scan = desk.store.scan(move |tx| async move { tx.query(endless, &[]).await }.boxed()).await;
    assert!(matches!(scan, Err(Error::Busy(Busy::TooSlow))), "{scan:?}");
    let read = desk.store.read(move |tx| async move { tx.query(endless, &[]).await }.boxed()).await;
    assert!(matches!(read, Err(Error::Busy(Busy::TooSlow))), "{read:?}");
    assert!(desk.names().await.is_empty(), "and the next one is served");
}

async fn a_job_of_many_statements_meets_its_deadline(engine: TestEngine) {
    let desk = Desk::with(engine, |options| options.deadline = Duration::from_millis(300)).await;
    let read = desk.store.read(|tx| {
        async move {
            loop {
                tx.query(NAMES, &[]).await?;
            }
        }
        .boxed()
    });
    let outcome: Result<()> = read.await;
    assert!(matches!(outcome, Err(Error::Busy(Busy::TooSlow))), "{outcome:?}");
    assert!(desk.names().await.is_empty(), "and the next one is served");
}

async fn closing_runs_what_waits_and_refuses_the_rest(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let gate = Gate::closed();
    let first = queued(add_at_gate(&desk.store, "a", &gate)).await;
    let second = queued(add_at_gate(&desk.store, "b", &gate)).await;
    let (_, first, second) = tokio::join!(
        async {
            let close = desk.store.close();
            gate.open();
            close.await;
        },
        first,
        second
    );
    first.expect("what waited is written");
    second.expect("what waited is written");
    let late = desk.add("c").await;
    assert!(matches!(late, Err(Error::Busy(Busy::ShuttingDown))), "{late:?}");
    assert!(!desk.store.is_writable().await);
    let again = desk.open_again(muster_store::Process::Serve).await;
    let count = again.read(|tx| async move { Ok(tx.query(NAMES, &[]).await?.len()) }.boxed()).await;
    assert_eq!(count.expect("the desk opens again"), 2);
}

async fn an_open_store_is_writable(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    assert!(desk.store.is_writable().await);
}

async fn commits_wake_and_quiet_ones_do_not(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    // A command hears of its own commits alone, so that they can be counted.
    let store = desk.open_again(muster_store::Process::Command).await;
    let mut committed = store.committed();
    write(&store, ADD, params!["a"]).await.expect("a thing is added");
    assert!(committed.has_changed().expect("the store is open"));
    committed.mark_unchanged();
    let quiet = store.write(|tx| {
        async move {
            tx.keep_quiet();
            tx.execute(ADD, &params!["b"]).await
        }
        .boxed()
    });
    quiet.await.expect("a thing is added");
    assert!(!committed.has_changed().expect("the store is open"));
    assert_eq!(desk.names().await, ["a", "b"]);
}

const NAMES: Sql = sql!("SELECT name FROM things ORDER BY name");

both_engines!(
    a_write_is_seen_by_the_next_read,
    a_failing_job_rolls_back_alone,
    a_failing_commit_acknowledges_nothing,
    a_panicking_job_is_an_error_and_leaves_nothing,
    a_job_that_swallows_a_failure_fails,
    a_dropped_caller_does_not_cut_its_write,
    a_full_queue_refuses_at_once,
    a_read_keeps_its_snapshot,
    reading_doors_refuse_writes,
    a_slow_statement_meets_its_deadline,
    a_job_of_many_statements_meets_its_deadline,
    closing_runs_what_waits_and_refuses_the_rest,
    an_open_store_is_writable,
    commits_wake_and_quiet_ones_do_not,
);
