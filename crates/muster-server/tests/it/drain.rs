//! The desk is told to end: it says so, goes on for a while, finishes what is in hand, and sends its sockets away.

use std::time::Duration;

use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;
use reqwest::StatusCode;

use crate::desk::Desk;
use crate::program::Place;
use crate::sockets::Talk;

const PAUSE: Duration = Duration::from_millis(10);

async fn what_is_in_hand_is_finished_and_sockets_are_sent_away(engine: TestEngine) {
    let desk = Desk::new(Place::new(engine).await, &[("MUSTER_SERVER__DRAIN_DELAY", "1s")]);
    let mut socket = desk.admin.socket().await.unwrap();
    let mut talk = Talk::begin(desk).await;
    for _ in 0..2 {
        let before = talk.acknowledged();
        while talk.acknowledged() == before {
            tokio::time::sleep(PAUSE).await;
        }
        talk.desk.tell();
        is_not_ready(&talk.desk).await;
        talk.desk.admin.get("/api/v1/agents/me").await.unwrap().data();
        assert_eq!(socket.closed().await, Some(1001));
        // The desk waits for those who don't answer its close.
        drop(socket);
        talk.desk.ended();
        talk.desk.start();
        socket = talk.desk.admin.socket().await.unwrap();
    }
    talk.end().await.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_twice_ends_at_once() {
    let mut desk = Desk::new(Place::sqlite(), &[("MUSTER_SERVER__DRAIN_DELAY", "24h")]);
    desk.tell();
    is_not_ready(&desk).await;
    assert_eq!(desk.admin.get("/health").await.unwrap().status, StatusCode::OK);
    desk.tell();
    desk.ended();
}

both_engines!(what_is_in_hand_is_finished_and_sockets_are_sent_away);

/// Waits until the desk says that it shouldn't be chosen any more.
async fn is_not_ready(desk: &Desk) {
    while desk.admin.get("/ready").await.unwrap().status != StatusCode::SERVICE_UNAVAILABLE {
        tokio::time::sleep(PAUSE).await;
    }
}
