//! An erasure whose process dies in the middle has been made, or hasn't.

use std::time::Duration;

use muster_testkit::TestEngine;
use muster_testkit::both_engines;
use muster_testkit::effort::rounds;
use serde_json::json;
use tokio::task::JoinSet;

use super::places;
use crate::books;
use crate::desk::Desk;
use crate::program::Place;
use muster_testkit::dice::Dice;

const CONVERSATIONS: i64 = 40;

async fn an_erasure_cut_short_is_whole_or_nothing(engine: TestEngine) {
    let mut desk = Desk::new(Place::new(engine).await, &[]);
    let inbox = json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {"brand_name": "Example"}});
    let inbox = desk.admin.post("/api/v1/inboxes", &inbox).await.unwrap().data()["uuid"].as_str().unwrap().to_owned();
    let mut dice = Dice::new(15);
    for _ in 0..rounds(6, 100) {
        let contact = chatty(&desk, &inbox).await;
        let admin = desk.admin.clone();
        let path = format!("/api/v1/contacts/{contact}/erase");
        let mut erasing = JoinSet::new();
        erasing.spawn(async move { admin.post(&path, &json!({})).await });
        tokio::time::sleep(Duration::from_millis(dice.below(60))).await;
        desk.kill();
        let answered = erasing.join_next().await.unwrap().unwrap();
        desk.start();
        let store = desk.books().await;
        let left = places::count(&store, "SELECT COUNT(*) AS count FROM messages WHERE text = 'Mine'").await;
        let rows = places::count(
            &store,
            "SELECT (SELECT COUNT(*) FROM conversations WHERE erased_at IS NULL) + (SELECT COUNT(*) FROM visitor_sessions) AS count",
        );
        assert_eq!(rows.await, if left == 0 { 0 } else { CONVERSATIONS + 1 });
        assert!(left == 0 || left == CONVERSATIONS, "{left} messages are left");
        assert!(left == 0 || answered.is_err(), "an erasure that was answered is undone");
        if left > 0 {
            desk.admin.post(&format!("/api/v1/contacts/{contact}/erase"), &json!({})).await.unwrap().data();
        }
        books::check(&store).await;
        store.close().await;
    }
}

both_engines!(an_erasure_cut_short_is_whole_or_nothing);

/// Makes a visitor who has begun many conversations.
async fn chatty(desk: &Desk, inbox: &str) -> i64 {
    let (path, mine) = ("/api/v1/widget/chat/conversations/init", json!({"message": "Mine"}));
    let first = desk.nobody.visitor(inbox, None).post(path, &mine).await.unwrap();
    let visitor = desk.nobody.visitor(inbox, first.data()["session_token"].as_str());
    for _ in 1..CONVERSATIONS {
        visitor.post(path, &mine).await.unwrap().data();
    }
    let conversation = first.data()["conversation"]["uuid"].as_str().unwrap();
    let shown = desk.admin.get(&format!("/api/v1/conversations/{conversation}")).await.unwrap();
    shown.data()["contact"]["id"].as_i64().unwrap()
}
