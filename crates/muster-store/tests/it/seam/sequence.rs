//! Positions: one gapless total order of events, in the order of their commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use muster_core::{Error, Refusal, Result};
use muster_store::{Sql, Store, params, sql};
use muster_testkit::postgres::{TestEngine, engines};

use super::desk::{ADD, Desk, Gate, LIMIT, add_at_gate, eventually, queued};

const APPEND: Sql = sql!("INSERT INTO events (name) VALUES ($1)");

/// Appends an event, and takes it back if `keep` is false.
async fn append(store: &Store, name: &str, keep: bool) -> Result<()> {
    let name = name.to_owned();
    let job = store.write(move |tx| {
        let name = name.clone();
        async move {
            tx.execute(APPEND, &params![name]).await?;
            if keep { Ok(()) } else { Err(Error::Refused(Refusal::LastAdmin)) }
        }
        .boxed()
    });
    job.await
}

#[tokio::test]
async fn on_sqlite_an_id_goes_back_with_its_savepoint() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    let gate = Gate::closed();
    let held = queued(add_at_gate(&desk.store, "held", &gate)).await;
    gate.reached().await;
    // These wait behind the held job, so that they share a transaction.
    let jobs = (0..30).map(|number| append(&desk.store, if number % 3 == 1 { "bad" } else { "good" }, number % 3 != 1));
    let (held, outcomes, ()) = tokio::join!(held, join_all(jobs), async { gate.open() });
    held.expect("the held job lasts");
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 20);
    for number in 0..3 {
        append(&desk.store, "bad", false).await.expect_err("taken back");
        append(&desk.store, &format!("late {number}"), true).await.expect("kept");
    }
    let rows = desk.rows(sql!("SELECT id FROM events ORDER BY id")).await;
    let ids: Vec<i64> = rows.iter().map(|row| row.get("id").expect("an id")).collect();
    assert_eq!(ids, (1..=23).collect::<Vec<i64>>());
}

#[tokio::test]
async fn on_sqlite_a_panicking_job_gives_its_id_back() {
    let desk = Desk::new(TestEngine::Sqlite).await;
    append(&desk.store, "first", true).await.expect("kept");
    let outcome = desk.store.write(|tx| {
        async move {
            tx.execute(APPEND, &params!["lost"]).await?;
            assert!(tx.query(sql!("SELECT id FROM events"), &[]).await?.is_empty(), "deliberate");
            Ok(())
        }
        .boxed()
    });
    outcome.await.expect_err("the job panics");
    append(&desk.store, "second", true).await.expect("kept");
    let rows = desk.rows(sql!("SELECT id FROM events ORDER BY id")).await;
    assert_eq!(rows.iter().map(|row| row.get("id").expect("an id")).collect::<Vec<i64>>(), [1, 2]);
}

/// Eight writers with waits and failures between their statements; a reader that follows by position.
#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_follower_sees_every_event_once_and_in_order() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let desk = Desk::new(TestEngine::Postgres).await;
    desk.store.start_sequencer();
    // A second process that numbers events as well must not do harm.
    let second = desk.open_again(muster_store::Process::Serve).await;
    second.start_sequencer();

    let kept = Arc::new(AtomicUsize::new(0));
    let done = Arc::new(AtomicUsize::new(0));
    let writers = join_all((0..8_u64).map(|writer| {
        let (store, kept, done) = (desk.store.clone(), Arc::clone(&kept), Arc::clone(&done));
        async move {
            for number in 0..60_u64 {
                if write_two(&store, writer, number).await.is_ok() {
                    kept.fetch_add(2, Ordering::SeqCst);
                }
            }
            done.fetch_add(1, Ordering::SeqCst);
        }
    }));
    let follower = follow(&desk.store, &kept, &done);
    let ((), seen) = tokio::join!(async { drop(writers.await) }, follower);

    assert_eq!(seen.iter().map(|event| event.pos).collect::<Vec<_>>(), (1..=seen.len() as i64).collect::<Vec<_>>());
    assert_eq!(seen.len(), kept.load(Ordering::SeqCst));
    for writer in 0..8 {
        let prefix = format!("{writer} ");
        let numbers: Vec<&str> = seen.iter().filter_map(|event| event.name.strip_prefix(&prefix)).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(numbers, sorted, "writer {writer} committed in this order, each once");
    }
    second.close().await;
    desk.store.close().await;
}

/// One transaction with two events and waits of a few milliseconds around them; every fifth fails at its end.
async fn write_two(store: &Store, writer: u64, number: u64) -> Result<()> {
    let job = store.write(move |tx| {
        async move {
            // Scattered, yet the same in every run.
            let pause = |step: u64| Duration::from_micros((writer * 7919 + number * 104_729 + step * 1301) % 4000);
            tx.execute(APPEND, &params![format!("{writer} {number:03} a")]).await?;
            tokio::time::sleep(pause(1)).await;
            tx.execute(APPEND, &params![format!("{writer} {number:03} b")]).await?;
            tokio::time::sleep(pause(2)).await;
            if number % 5 == 4 { Err(Error::Refused(Refusal::LastAdmin)) } else { Ok(()) }
        }
        .boxed()
    });
    job.await
}

struct Seen {
    pos: i64,
    name: String,
}

/// Follows the events by position until all writers are done and everything kept was seen.
async fn follow(store: &Store, kept: &AtomicUsize, done: &AtomicUsize) -> Vec<Seen> {
    let limit = Instant::now() + LIMIT;
    let mut seen: Vec<Seen> = Vec::new();
    while Instant::now() < limit {
        let is_over = done.load(Ordering::SeqCst) == 8;
        let after = seen.last().map_or(0, |event| event.pos);
        let read = store.read(move |tx| {
            let next = sql!(postgres: "SELECT pos, name FROM events WHERE pos > $1 ORDER BY pos LIMIT 100");
            async move { tx.query(next, &params![after]).await }.boxed()
        });
        for row in read.await.expect("events are read") {
            seen.push(Seen { pos: row.get("pos").expect("a position"), name: row.get("name").expect("a name") });
        }
        if is_over && seen.len() >= kept.load(Ordering::SeqCst) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("{} of {} events were seen in time", seen.len(), kept.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_positions_wake_their_followers() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let desk = Desk::new(TestEngine::Postgres).await;
    desk.store.start_sequencer();
    let mut committed = desk.store.committed();
    for count in 1..=20 {
        append(&desk.store, "a", true).await.expect("kept");
        // No look without being woken: a wake-up that is missed hangs here.
        while desk.rows(sql!(postgres: "SELECT id FROM events WHERE pos IS NOT NULL")).await.len() < count {
            let woken = tokio::time::timeout(LIMIT, committed.changed()).await;
            woken.expect("a follower is woken").expect("the store is open");
        }
    }
}

/// An event that became visible late must not be passed over by the one that was visible first.
#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_an_open_transaction_holds_later_events_back() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let desk = Desk::new(TestEngine::Postgres).await;
    desk.store.start_sequencer();
    let gate = Gate::closed();
    let inside = gate.clone();
    let early = desk.store.write(move |tx| {
        let inside = inside.clone();
        async move {
            tx.execute(APPEND, &params!["early"]).await?;
            inside.pass(tx.engine()).await;
            Ok(())
        }
        .boxed()
    });
    let late = async {
        gate.reached().await;
        append(&desk.store, "late", true).await.expect("kept");
        // Give the sequencer occasions to go wrong: each commit wakes it.
        for number in 0..20 {
            desk.add(&format!("{number}")).await.expect("a thing is added");
        }
        let stamped = desk.rows(sql!(postgres: "SELECT pos FROM events WHERE pos IS NOT NULL")).await;
        assert!(stamped.is_empty(), "an event was numbered before one that can still come before it");
        gate.open();
    };
    let (early, ()) = tokio::join!(early, late);
    early.expect("kept");
    let names = sql!(postgres: "SELECT name FROM events WHERE pos IS NOT NULL ORDER BY pos");
    eventually("both positions", async || desk.rows(names).await.len() == 2).await;
    let rows = desk.rows(names).await;
    let names: Vec<String> = rows.iter().map(|row| row.get("name").expect("a name")).collect();
    assert_eq!(names, ["early", "late"]);
}

/// A write that has its transaction id before it waits at `gate`, and appends an event after that.
async fn append_behind(store: &Store, gate: &Gate, name: &'static str) -> Result<()> {
    let gate = gate.clone();
    let job = store.write(move |tx| {
        let gate = gate.clone();
        async move {
            tx.execute(ADD, &params![name]).await?;
            gate.pass(tx.engine()).await;
            tx.execute(APPEND, &params![name]).await.map(drop)
        }
        .boxed()
    });
    job.await
}

/// Whoever began early and then waited for somebody commits behind them, and so stand their events: also while a third
/// one is open that lets only the early transaction's event be numbered.
#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_no_event_overtakes_one_that_its_transaction_waited_for() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let desk = Desk::new(TestEngine::Postgres).await;
    desk.store.start_sequencer();
    let (early, third) = (Gate::closed(), Gate::closed());
    let waiter = append_behind(&desk.store, &early, "second");
    let open = async {
        early.reached().await;
        add_at_gate(&desk.store, "open", &third).await
    };
    let others = async {
        third.reached().await;
        append(&desk.store, "first", true).await.expect("kept");
        early.open();
        let committed = sql!(postgres: "SELECT id FROM events");
        eventually("both events", async || desk.rows(committed).await.len() == 2).await;
        // Give the sequencer occasions to go wrong: each commit wakes it.
        for number in 0..20 {
            desk.add(&format!("{number}")).await.expect("a thing is added");
        }
        third.open();
    };
    let (waiter, open, ()) = tokio::join!(waiter, open, others);
    waiter.expect("kept");
    open.expect("kept");
    let names = sql!(postgres: "SELECT name FROM events WHERE pos IS NOT NULL ORDER BY pos");
    eventually("both positions", async || desk.rows(names).await.len() == 2).await;
    let rows = desk.rows(names).await;
    let names: Vec<String> = rows.iter().map(|row| row.get("name").expect("a name")).collect();
    assert_eq!(names, ["first", "second"]);
}
