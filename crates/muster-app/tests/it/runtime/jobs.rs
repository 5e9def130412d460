use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use muster_app::jobs::{JobFailure, JobResult, TRIES};
use muster_core::actor::{ActorRef, Via};
use muster_core::event::{Event, EventRecord};
use muster_core::{Error, Timestamp};
use muster_store::jobs::{self, NewJob};
use muster_store::{outbox, params, sql};
use muster_testkit::{TestDesk, TestEngine, both_engines};
use serde_json::json;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// Writes a job as a use case does: with the event that tells of it.
async fn write_job(desk: &TestDesk, name: &'static str, number: u128) {
    let now = desk.now();
    let write = desk.app.store().write(move |tx| {
        Box::pin(async move {
            let payload = json!({ "number": number.to_string() });
            let key = Some(format!("{name}-{number}"));
            let job = jobs::insert(tx, NewJob { name, key, payload, secret: None, run_at: now }, now).await?;
            let event = EventRecord {
                uuid: Uuid::from_u128(number),
                position: 0,
                seq: None,
                at: now,
                actor: ActorRef::System,
                via: Via::System,
                request_id: None,
                event: Event::MailWanted { job },
            };
            outbox::append(tx, &[event]).await
        })
    });
    write.await.unwrap();
}

#[derive(Debug, PartialEq)]
struct Stand {
    attempts: i64,
    done_at: Option<Timestamp>,
    dead_at: Option<Timestamp>,
    last_error: Option<String>,
}

async fn only_job(desk: &TestDesk) -> Stand {
    let read = desk.app.store().read(|tx| {
        Box::pin(async move {
            let row = tx.query_one(sql!("SELECT attempts, done_at, dead_at, last_error FROM jobs"), &params![]).await?;
            Ok(Stand {
                attempts: row.get("attempts")?,
                done_at: row.get("done_at")?,
                dead_at: row.get("dead_at")?,
                last_error: row.get("last_error")?,
            })
        })
    });
    read.await.unwrap()
}

async fn a_job_is_done_once_by_its_handler(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let done = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&done);
    desk.app.on_job("test.greet", move |_, job| {
        assert_eq!(job.payload, json!({ "number": "7" }));
        count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    });
    write_job(&desk, "test.greet", 7).await;
    desk.advance(Duration::from_secs(3600)).await;
    assert_eq!(done.load(Ordering::SeqCst), 1);
    let job = only_job(&desk).await;
    assert_eq!((job.attempts, job.dead_at, job.last_error), (1, None, None));
    assert!(job.done_at.is_some());
}

async fn a_job_without_a_handler_waits_for_one(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    write_job(&desk, "test.greet", 1).await;
    desk.advance(Duration::from_secs(3600)).await;
    assert_eq!(only_job(&desk).await.attempts, 0);
    desk.app.on_job("test.greet", |_, _| Box::pin(async { Ok(()) }));
    desk.quiet().await;
    assert!(only_job(&desk).await.done_at.is_some());
}

async fn a_failing_job_is_tried_again_and_dies_at_last(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    desk.app.on_job("test.fail", move |_, _| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        Box::pin(async move {
            assert!(!first, "the first try panics");
            Err(Error::internal("the server said no").into())
        })
    });
    write_job(&desk, "test.fail", 1).await;
    desk.quiet().await;
    assert_eq!(only_job(&desk).await.last_error.as_deref(), Some("the handler panicked"));
    desk.advance(Duration::from_secs(14)).await;
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    desk.advance(Duration::from_secs(1)).await;
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    desk.advance(Duration::from_secs(4 * 3600)).await;
    let job = only_job(&desk).await;
    assert_eq!(job.attempts, i64::from(TRIES));
    assert_eq!(job.last_error.as_deref(), Some("internal error: the server said no"));
    assert!(job.dead_at.is_some() && job.done_at.is_none());
}

async fn a_job_of_a_process_that_died_is_done_by_the_next(engine: TestEngine) {
    let desk = TestDesk::idle(engine, |_| {}).await;
    write_job(&desk, "test.greet", 1).await;
    let now = desk.now();
    let hold = Duration::from_secs(300);
    let claim = desk.app.store().write(move |tx| Box::pin(jobs::claim(tx, "test.greet", now, hold, 8)));
    assert_eq!(claim.await.unwrap().len(), 1);
    desk.app.on_job("test.greet", |_, _| Box::pin(async { Ok(()) }));
    desk.app.start().await.unwrap();
    desk.quiet().await;
    let job = only_job(&desk).await;
    assert_eq!((job.attempts, job.done_at), (2, Some(now)));
}

async fn a_job_that_can_never_succeed_is_dead_at_once(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let never = || Err(JobFailure::Never("there is no such mailbox".into()));
    desk.app.on_job("test.fail", move |_, _| Box::pin(async move { never() }));
    write_job(&desk, "test.fail", 1).await;
    desk.quiet().await;
    let job = only_job(&desk).await;
    assert_eq!((job.attempts, job.dead_at), (1, Some(desk.now())));
    assert_eq!(job.last_error.as_deref(), Some("there is no such mailbox"));
}

async fn slow_jobs_keep_only_their_own_kind_waiting(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let open = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&open);
    let (count, mut begun) = watch::channel(0);
    desk.app.on_job("test.slow", move |_, _| {
        count.send_modify(|count| *count += 1);
        let gate = Arc::clone(&gate);
        Box::pin(async move {
            gate.acquire_owned().await.unwrap().forget();
            Ok(())
        })
    });
    let (greeted, mut greeting) = watch::channel(false);
    desk.app.on_job("test.greet", move |_, _| {
        greeted.send_replace(true);
        Box::pin(async { Ok(()) })
    });
    for number in 1..=9 {
        write_job(&desk, "test.slow", number).await;
    }
    begun.wait_for(|begun| *begun == 4).await.unwrap();
    write_job(&desk, "test.greet", 10).await;
    greeting.wait_for(|greeted| *greeted).await.unwrap();
    assert_eq!(*begun.borrow(), 4);
    open.add_permits(9);
    desk.quiet().await;
    assert_eq!(*begun.borrow(), 9);
}

const HOUR: Duration = Duration::from_secs(3600);

/// Registers work that recurs each hour and ends as `outcome` says of each try: 1, 2, 3 …
async fn hourly(desk: &TestDesk, outcome: fn(usize) -> JobResult) -> Arc<AtomicUsize> {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    let registered = desk.app.on_recurring("test.hourly", HOUR, move |_, _| {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move { outcome(number) })
    });
    registered.await.unwrap();
    tries
}

async fn what_recurs_is_done_at_once_and_again_after_each_interval(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let tries = hourly(&desk, |_| Ok(())).await;
    desk.quiet().await;
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    desk.advance(HOUR - Duration::from_secs(1)).await;
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    desk.advance(Duration::from_secs(1)).await;
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    desk.advance(HOUR * 24).await;
    assert_eq!(tries.load(Ordering::SeqCst), 26);
    assert_eq!(only_job(&desk).await, Stand { attempts: 0, done_at: None, dead_at: None, last_error: None });
}

async fn what_recurs_rests_after_failures_but_never_dies(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let tries = hourly(&desk, |number| match number {
        1..=20 => Err(JobFailure::Again("the disk is full".into())),
        21 => Err(JobFailure::Never("the folder is gone".into())),
        _ => Ok(()),
    });
    let tries = tries.await;
    desk.quiet().await;
    desk.advance(Duration::from_secs(15)).await;
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    desk.advance(HOUR * 13).await;
    assert_eq!(tries.load(Ordering::SeqCst), 20);
    assert_eq!(only_job(&desk).await.last_error.as_deref(), Some("the disk is full"));
    desk.advance(HOUR).await;
    let job = only_job(&desk).await;
    assert_eq!((job.attempts, job.dead_at, job.last_error.as_deref()), (21, None, Some("the folder is gone")));
    desk.advance(HOUR).await;
    let job = only_job(&desk).await;
    assert_eq!((job.attempts, job.dead_at, job.last_error), (0, None, None));
}

async fn what_recurs_goes_on_after_a_restart_and_follows_a_shorter_interval(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    hourly(&desk, |_| Ok(())).await;
    desk.quiet().await;
    let tries = hourly(&desk, |_| Ok(())).await;
    desk.advance(HOUR - Duration::from_secs(1)).await;
    assert_eq!(tries.load(Ordering::SeqCst), 0);
    let shorter = desk.app.on_recurring("test.hourly", Duration::from_millis(500), |_, _| {
        Box::pin(async { Err(JobFailure::Never("seen".into())) })
    });
    shorter.await.unwrap();
    desk.advance(Duration::from_millis(500)).await;
    assert_eq!(only_job(&desk).await.last_error.as_deref(), Some("seen"));
}

async fn a_key_is_written_once(engine: TestEngine) {
    let desk = TestDesk::idle(engine, |_| {}).await;
    let now = desk.now();
    let insert = || {
        let job = NewJob { name: "test.greet", key: Some("one".into()), payload: json!({}), secret: None, run_at: now };
        desk.app.store().write(move |tx| Box::pin(jobs::insert(tx, job.clone(), now)))
    };
    assert_eq!(insert().await.unwrap(), insert().await.unwrap());
}

both_engines!(
    a_job_is_done_once_by_its_handler,
    a_job_without_a_handler_waits_for_one,
    a_failing_job_is_tried_again_and_dies_at_last,
    a_job_of_a_process_that_died_is_done_by_the_next,
    a_job_that_can_never_succeed_is_dead_at_once,
    slow_jobs_keep_only_their_own_kind_waiting,
    what_recurs_is_done_at_once_and_again_after_each_interval,
    what_recurs_rests_after_failures_but_never_dies,
    what_recurs_goes_on_after_a_restart_and_follows_a_shorter_interval,
    a_key_is_written_once,
);
