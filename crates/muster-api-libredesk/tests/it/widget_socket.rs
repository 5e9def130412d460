//! The widgets' socket.

use std::time::Duration;

use muster_testkit::VisitorHandle;
use serde_json::{Value, json};

use crate::sockets::Socket;
use crate::support::{Said as _, Wire};

async fn open(wire: &Wire) -> Socket {
    // Any page may open one.
    Socket(wire.nobody().header("origin", "https://shop.example.com").socket("/widget/ws").await.unwrap())
}

fn join(visitor: &VisitorHandle) -> Value {
    json!({"type": "join", "token": visitor.token, "data": {"inbox_id": visitor.inbox}})
}

async fn joined(wire: &Wire, visitor: &VisitorHandle) -> Socket {
    let mut socket = open(wire).await;
    socket.send(&join(visitor)).await;
    assert_eq!(socket.frame().await, json!({"type": "joined", "data": {"message": "namaste!"}}));
    socket
}

/// A desk with a visitor who waits.
async fn desk() -> (Wire, VisitorHandle) {
    let (wire, _) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    wire.desk.quiet().await;
    (wire, visitor)
}

#[tokio::test]
async fn an_answer_arrives_and_a_note_does_not() {
    let (wire, visitor) = desk().await;
    let mut socket = joined(&wire, &visitor).await;
    let lee = wire.desk.agent("lee").await;
    let (agent, path) = (wire.client(&lee), format!("/api/v1/conversations/{}", visitor.conversation));
    agent.put(&format!("{path}/assignee/user"), &json!({"assignee_id": lee.id.0})).await.data();
    let assigned = socket.frame().await;
    assert_eq!(
        assigned,
        json!({"type": "conversation_update", "data": {"uuid": visitor.conversation, "assignee": {
            "id": lee.id.0, "first_name": "Lee", "last_name": "", "avatar_url": null,
            "availability_status": "offline", "type": "agent", "active_at": null,
        }}})
    );
    for (message, private) in [("<p>Secret</p>", true), ("<p>Good day</p>", false)] {
        let sent = json!({"message": message, "sender_type": "agent", "private": private});
        agent.post(&format!("{path}/messages"), &sent).await.data();
    }
    let frame = socket.frame().await;
    assert_eq!((&frame["type"], &frame["data"]["text_content"]), (&json!("new_message"), &json!("Good day")));
    assert_eq!(frame["data"]["author"]["email"], Value::Null);
    agent.put(&format!("{path}/status"), &json!({"status": "Resolved"})).await.data();
    let changed = json!({"uuid": visitor.conversation, "status": "Resolved"});
    assert_eq!(socket.frame().await, json!({"type": "conversation_update", "data": changed}));
}

#[tokio::test]
async fn another_visitors_chat_is_not_heard() {
    let (wire, visitor) = desk().await;
    let inbox = wire.desk.app.inbox_by_uuid(visitor.inbox).await.unwrap().unwrap();
    let other = wire.desk.visitor(&inbox, "Hello").await;
    let mut socket = joined(&wire, &other).await;
    let agent = wire.client(&wire.desk.agent("lee").await);
    for (uuid, message) in [(visitor.conversation, "<p>Not yours</p>"), (other.conversation, "<p>Yours</p>")] {
        let sent = json!({"message": message, "sender_type": "agent"});
        agent.post(&format!("/api/v1/conversations/{uuid}/messages"), &sent).await.data();
    }
    assert_eq!(socket.frame_of("new_message").await["text_content"], "Yours");
}

#[tokio::test]
async fn who_can_not_join_stays_outside_and_may_try_again() {
    let (wire, visitor) = desk().await;
    let mut socket = open(&wire).await;
    let refused = json!({"type": "error", "data": {"message": "Failed to join conversation"}});
    for sent in [
        json!({"type": "join"}),
        json!({"type": "join", "data": {"inbox_id": visitor.inbox}}),
        json!({"type": "join", "token": "nonsense", "data": {"inbox_id": visitor.inbox}}),
        json!({"type": "join", "token": visitor.token, "data": {"inbox_id": "x"}}),
        json!({"type": "join", "token": visitor.token, "data": {"inbox_id": visitor.conversation}}),
    ] {
        socket.send(&sent).await;
        assert_eq!(socket.frame().await, refused, "{sent}");
    }
    socket.send(&join(&visitor)).await;
    assert_eq!(socket.frame().await["type"], "joined");
}

#[tokio::test]
async fn a_ping_is_answered_once_a_second() {
    let (wire, visitor) = desk().await;
    let mut socket = joined(&wire, &visitor).await;
    let ping = json!({"type": "ping"});
    let pong = json!({"type": "pong", "data": null});
    socket.send(&ping).await;
    assert_eq!(socket.frame().await, pong);
    socket.send(&ping).await;
    socket.send(&json!({"type": "page_visit", "data": {"url": "https://shop.example.com/", "title": "Shop"}})).await;
    socket.send(&json!({"type": "dance"})).await;
    assert_eq!(socket.frame().await, json!({"type": "error", "data": {"message": "Unknown message type"}}));
    wire.desk.clock.jump(Duration::from_secs(1));
    socket.send(&ping).await;
    assert_eq!(socket.frame().await, pong);
    socket.text("{").await;
    assert_eq!(socket.frame().await, json!({"type": "error", "data": {"message": "Invalid message format"}}));
}

#[tokio::test]
async fn agents_see_that_a_visitor_is_there_and_that_they_are_gone() {
    let (wire, visitor) = desk().await;
    let agent = wire.client(&wire.desk.agent("lee").role("Admin").await);
    let mut watching = Socket(agent.socket("/ws").await.unwrap());
    let subscribe = json!({"type": "conversation_subscribe", "data": {"conversation_uuid": visitor.conversation}});
    watching.send(&subscribe).await;
    watching.text("ping").await;
    watching.heard_until("pong").await;
    let path = format!("/api/v1/conversations/{}", visitor.conversation);
    let status = async || agent.get(&path).await.data()["contact"]["availability_status"].take();
    assert_eq!(status().await, "offline");

    let mut socket = joined(&wire, &visitor).await;
    socket.send(&json!({"type": "ping"})).await;
    let online = json!({"contact_id": visitor.contact.0, "availability_status": "online"});
    assert_eq!(watching.frame_of("contact_update").await, online);
    socket.frame_of("pong").await;
    assert_eq!(status().await, "online");

    // The visitor pings on, and nobody is told again.
    wire.desk.clock.jump(Duration::from_secs(100));
    socket.send(&json!({"type": "ping"})).await;
    socket.frame_of("pong").await;
    wire.desk.clock.jump(Duration::from_secs(100));
    watching.text("ping").await;
    let between = watching.heard_until("pong").await;
    assert!(between.iter().all(|frame| frame["type"] != "contact_update"), "{between:?}");

    wire.desk.clock.jump(Duration::from_secs(150));
    let offline = json!({"contact_id": visitor.contact.0, "availability_status": "offline"});
    assert_eq!(watching.frame_of("contact_update").await, offline);
    assert_eq!(status().await, "offline");
}

#[tokio::test]
async fn a_visitor_has_ten_sockets() {
    let (wire, visitor) = desk().await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(joined(&wire, &visitor).await);
    }
    let mut eleventh = open(&wire).await;
    eleventh.send(&join(&visitor)).await;
    assert_eq!(eleventh.frame().await["type"], "error");
    // One that joins anew gives its own place back first.
    sockets[0].send(&join(&visitor)).await;
    assert_eq!(sockets[0].frame().await["type"], "joined");
}

#[tokio::test]
async fn too_long_a_frame_closes_the_socket() {
    let (wire, visitor) = desk().await;
    let mut socket = joined(&wire, &visitor).await;
    socket.text(&"x".repeat(64 * 1024 + 1)).await;
    assert_eq!(socket.closed().await.0, 1002);
}

#[tokio::test]
async fn a_visitor_who_is_blocked_is_told_nothing_more() {
    let (wire, visitor) = desk().await;
    let (mut listening, mut pinging) = (joined(&wire, &visitor).await, joined(&wire, &visitor).await);
    let mut typing = joined(&wire, &visitor).await;
    wire.desk.block(&visitor).await;
    let kicked = (1000, "kicked".to_owned());
    pinging.send(&json!({"type": "ping"})).await;
    assert_eq!(pinging.closed().await, kicked);
    let data = json!({"conversation_uuid": visitor.conversation, "is_typing": true});
    typing.send(&json!({"type": "typing", "data": data})).await;
    assert_eq!(typing.closed().await, kicked);
    let agent = wire.client(&wire.desk.agent("lee").await);
    let sent = json!({"message": "<p>Secret</p>", "sender_type": "agent"});
    agent.post(&format!("/api/v1/conversations/{}/messages", visitor.conversation), &sent).await.data();
    assert_eq!(listening.closed_at_once().await, kicked);
}

#[tokio::test]
async fn a_visitors_socket_ends_with_the_session() {
    let (wire, visitor) = desk().await;
    let mut socket = joined(&wire, &visitor).await;
    wire.desk.clock.jump(Duration::from_secs(181 * 24 * 3600));
    socket.send(&json!({"type": "ping"})).await;
    assert_eq!(socket.closed().await, (1000, "kicked".to_owned()));
}
