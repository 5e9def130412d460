//! The disk runs full while agents and visitors write to each other: what was acknowledged stays, what is refused is
//! tried again, the desk can be read all the while, and it goes on by itself once there is room.
//!
//! As root the disk is one of its own, filled by a file beside the database. Where no disk can be mounted, the database
//! is not allowed to grow, and is filled by rows. As root both are played.

mod disk;

use std::process::Command;
use std::time::{Duration, Instant};

use muster_store::{Sql, params, sql};

use disk::Disk;

use crate::desk::Desk;
use crate::program::{Place, Serving};
use crate::sockets::Talk;

/// Only a desk that hangs lets a test wait this long.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);
/// How often the disk is filled.
const TIMES: usize = 3;
/// Nothing is kept free: the disk runs really full.
const NO_GUARD: (&str, &str) = ("MUSTER_LIMITS__MIN_FREE", "0");

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_and_passes() {
    let Some(disk) = Disk::mount(24) else {
        println!("no disk can be mounted here: the bound on the database's size stands in");
        return on_a_bounded_database().await;
    };
    println!("a disk of its own was mounted");
    let talk = Talk::begin(Desk::new(Place::within(disk.path()), &[NO_GUARD])).await;
    for _ in 0..TIMES {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let ballast = disk.fill();
        read_only(&talk).await;
        drop(ballast);
        writable(&talk).await;
    }
    check_log(&talk.end().await.kill());
    on_a_bounded_database().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guard_stops_writes_before_the_disk_is_full_and_lets_work_end() {
    let Some(disk) = Disk::mount(64) else {
        println!("no disk can be mounted here: the guard is tested by muster-store's own tests alone");
        return;
    };
    let place = Place::within(disk.path());
    let talk = Talk::begin(Desk::new(place, &[("MUSTER_LIMITS__MIN_FREE", "16MiB")])).await;
    let ballast = disk.fill_up_to(8 << 20);
    until(async || talk.desk.admin.get("/ready").await.unwrap().status == 503).await;
    let path = format!("{}/messages", talk.conversation());
    let note = serde_json::json!({"message": "a note", "sender_type": "agent", "private": true});
    let refused = talk.desk.admin.post(&path, &note).await.unwrap();
    assert_eq!((refused.status.as_u16(), &refused.body["error_type"]), (503, &"GeneralException".into()));
    let status = format!("{}/status", talk.conversation());
    for word in ["Resolved", "Open"] {
        talk.desk.admin.put(&status, &serde_json::json!({"status": word})).await.unwrap().data();
    }
    drop(ballast);
    writable(&talk).await;
    talk.end().await.terminate();
}

async fn on_a_bounded_database() {
    let talk = Talk::begin(Desk::new(Place::sqlite(), &[NO_GUARD, ("MUSTER_LIMITS__DATABASE_SIZE", "8MiB")])).await;
    for _ in 0..TIMES {
        tokio::time::sleep(Duration::from_millis(300)).await;
        write(&talk, BALLAST).await;
        read_only(&talk).await;
        write(&talk, sql!("DELETE FROM extras WHERE dialect = 'ballast'")).await;
        writable(&talk).await;
    }
    check_log(&talk.end().await.kill());
}

/// Each time the disk was full has its two lines, and nothing floods the log.
fn check_log(log: &str) {
    let count = |words: &str| log.lines().filter(|line| line.contains(words)).count();
    assert_eq!((count("the desk is read-only"), count("the store takes writes again")), (TIMES, TIMES), "{log}");
    assert!(log.lines().count() < 200, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_is_lost_and_nothing_else() {
    let place = Place::sqlite();
    let serve = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "MUSTER_LOG=debug exec \"$0\" \"$@\" 2>/dev/full"])
        .arg(serve.get_program())
        .args(serve.get_args());
    let desk = Serving::start(shell);
    for _ in 0..10 {
        assert_eq!(reqwest::get(format!("{}/ready", desk.base)).await.unwrap().status(), 200);
    }
    assert_eq!(desk.terminate().code(), Some(0));
}

/// Twelve megabytes: more than the database may have.
const BALLAST: Sql = sql!(
    sqlite: "INSERT INTO extras (kind, id, dialect, json)
             VALUES ('desk', 1, 'ballast', json_object('ballast', hex(zeroblob(6000000))))"
);

/// Writes beside the desk, as another program would.
async fn write(talk: &Talk, statement: Sql) {
    let store = talk.desk.books().await;
    let written = store.write(move |tx| Box::pin(async move { tx.execute(statement, &params![]).await })).await;
    written.unwrap();
    store.close().await;
}

/// Waits until the desk refuses to write, and makes sure that it can be read.
async fn read_only(talk: &Talk) {
    until(async || talk.desk.admin.get("/ready").await.unwrap().status == 503).await;
    let before = talk.acknowledged();
    for _ in 0..20 {
        for path in ["/health", "/api/v1/agents/me", "/api/v1/conversations/all", &talk.conversation()] {
            talk.desk.admin.get(path).await.unwrap().data();
        }
        tokio::time::sleep(PAUSE).await;
    }
    println!("{} messages were acknowledged while the disk was full", talk.acknowledged() - before);
}

/// Waits until the desk writes again.
async fn writable(talk: &Talk) {
    until(async || talk.desk.admin.get("/ready").await.unwrap().status == 200).await;
    let before = talk.acknowledged();
    until(async || talk.acknowledged() > before).await;
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < PATIENCE, "it never came");
        tokio::time::sleep(PAUSE).await;
    }
}
