//! The agents' socket of a client that comes back.

use muster_testkit::{Client, TestEngine, VisitorHandle, both_engines};
use serde_json::{Value, json};

use crate::sockets::{Socket, refusal};
use crate::support::{Said as _, Wire};

async fn open(client: &Client, position: &Value) -> Socket {
    Socket(client.socket(&format!("/ws?position={position}")).await.unwrap())
}

/// Opens a socket that tells where what happens now begins.
async fn latest(wire: &Wire, client: &Client) -> (Socket, Value) {
    wire.desk.quiet().await;
    let mut socket = Socket(client.socket("/ws?position=latest").await.unwrap());
    let ready = socket.frame().await;
    assert_eq!((&ready["type"], ready.get("position")), (&json!("ready"), None));
    (socket, ready["data"]["position"].clone())
}

/// Frames up to the one of this type.
async fn until(socket: &mut Socket, last: &str) -> Vec<Value> {
    let mut frames = Vec::new();
    loop {
        let frame = socket.frame().await;
        let is_last = frame["type"] == last;
        frames.push(frame);
        if is_last {
            return frames;
        }
    }
}

fn types(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame["type"].as_str().unwrap()).collect()
}

async fn write(visitor: &VisitorHandle, wire: &Wire, message: &str) {
    let path = format!("/api/v1/widget/chat/conversations/{}/message", visitor.conversation);
    wire.visitor(visitor).post(&path, &json!({"message": message})).await.data();
}

async fn what_was_missed_comes_first_and_then_what_happens(engine: TestEngine) {
    let (wire, admin) = Wire::unlimited(engine).await;
    // With its first socket the administrator is there, and gets the conversation.
    drop(latest(&wire, &admin).await);
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    let (socket, begin) = latest(&wire, &admin).await;
    drop(socket);
    write(&visitor, &wire, "One").await;
    let path = format!("/api/v1/conversations/{}", visitor.conversation);
    admin.put(&format!("{path}/priority"), &json!({"priority": "High"})).await.data();
    wire.desk.quiet().await;

    let mut socket = open(&admin, &begin).await;
    let told = until(&mut socket, "ready").await;
    let (ready, missed) = told.split_last().unwrap();
    assert!(types(missed).starts_with(&["new_message", "conversation_update"]), "{missed:?}");
    assert_eq!(missed[0]["data"]["preview"], "One");
    let high =
        missed.iter().find(|frame| frame["data"]["priority"] == "High" && frame["type"] == "conversation_update");
    assert!(high.is_some(), "{missed:?}");
    let positions: Vec<i64> = missed.iter().map(|frame| frame["position"].as_i64().unwrap()).collect();
    assert!(positions.is_sorted() && positions[0] >= begin.as_i64().unwrap(), "{positions:?}");
    assert!(ready["data"]["position"].as_i64() >= positions.last().copied());

    write(&visitor, &wire, "Two").await;
    let live = until(&mut socket, "new_message").await.pop().unwrap();
    assert_eq!(live["data"]["preview"], "Two");
    assert!(live["position"].as_i64() >= ready["data"]["position"].as_i64());

    // With the first frame of an event only what comes before it has been told, with its last one all of it.
    let mut socket = open(&admin, &missed[0]["position"]).await;
    let again = socket.frame().await;
    assert_eq!((&again["data"]["uuid"], &again["position"]), (&missed[0]["data"]["uuid"], &missed[0]["position"]));
    let mut socket = open(&admin, &missed[1]["position"]).await;
    assert_ne!(socket.frame().await["data"]["preview"], "One");
}

both_engines!(what_was_missed_comes_first_and_then_what_happens);

#[tokio::test]
async fn who_misses_nothing_goes_on_at_once() {
    let (wire, admin) = Wire::new().await;
    let (_, position) = latest(&wire, &admin).await;
    wire.desk.quiet().await;
    let mut socket = open(&admin, &position).await;
    let told = until(&mut socket, "ready").await;
    assert!(types(&told).iter().all(|kind| ["agent_availability_update", "ready"].contains(kind)), "{told:?}");
}

/// An agent that may read only what it has.
async fn own(wire: &Wire, admin: &Client) -> (i64, i64, Client) {
    let rights = ["conversations:read", "conversations:read_assigned", "messages:write"];
    let role = admin.post("/api/v1/roles", &json!({"name": "Own", "permissions": rights})).await.data();
    let own = wire.desk.agent("own").role("Own").await;
    (own.id.0, role["id"].as_i64().unwrap(), wire.client(&own))
}

#[tokio::test]
async fn what_may_not_be_read_any_more_is_gone_now_or_on_coming_back() {
    let (wire, admin) = Wire::new().await;
    let (id, _, client) = own(&wire, &admin).await;
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    let other = wire.desk.visitor(&inbox, "Somebody else's").await;
    let assignee = format!("/api/v1/conversations/{}/assignee/user", visitor.conversation);
    admin.put(&assignee, &json!({"assignee_id": id})).await.data();
    let (mut socket, position) = latest(&wire, &client).await;
    admin.put(&format!("{assignee}/remove"), &json!({})).await.data();
    let gone = json!({"uuid": visitor.conversation});
    assert_eq!(socket.frame_of("conversation_gone").await, gone);

    write(&visitor, &wire, "Not for them").await;
    write(&other, &wire, "Nor this").await;
    wire.desk.quiet().await;
    let mut socket = open(&client, &position).await;
    let told = until(&mut socket, "ready").await;
    assert_eq!(told[0], json!({"type": "conversation_gone", "position": position, "data": gone}));
    let rest = types(&told[1..]);
    assert!(rest.iter().all(|kind| ["agent_availability_update", "ready"].contains(kind)), "{told:?}");
}

#[tokio::test]
async fn who_cant_be_told_what_was_missed_has_to_reload() {
    let (wire, admin) = Wire::new().await;
    let (id, role, client) = own(&wire, &admin).await;
    let (_, position) = latest(&wire, &client).await;
    let reload = json!({"type": "reload", "data": null});

    // A position of another history: this desk was restored since.
    let mut socket = open(&client, &json!(1_000_000)).await;
    assert_eq!(socket.frame().await, reload);
    assert_eq!(socket.frame().await["type"], "ready");

    let rights = json!({"name": "Own", "permissions": ["conversations:read", "conversations:read_all"]});
    admin.put(&format!("/api/v1/roles/{role}"), &rights).await.data();
    wire.desk.quiet().await;
    let mut socket = open(&client, &position).await;
    assert_eq!(socket.frame().await, reload, "agent {id}");
    assert_eq!(socket.frame().await["type"], "ready");
}

#[tokio::test]
async fn events_that_are_not_kept_any_more_are_not_told() {
    let (wire, admin) = Wire::new().await;
    let (_, position) = latest(&wire, &admin).await;
    wire.desk.agent("new").await;
    wire.desk.quiet().await;
    wire.desk.forget_events().await;
    let mut socket = open(&admin, &position).await;
    assert_eq!(socket.frame().await["type"], "reload");
}

#[tokio::test]
async fn a_position_is_a_number_or_the_latest() {
    let (wire, admin) = Wire::new().await;
    wire.desk.quiet().await;
    for wrong in ["-1", "x", "1.5", "9223372036854775808", "LATEST"] {
        let (status, body) = refusal(admin.socket(&format!("/ws?position={wrong}")).await);
        assert_eq!((status, &body["message"]), (400, &json!("Invalid `position`")), "{wrong}");
    }
    assert_eq!(wire.desk.app.hub().listener_count(), 0);
    // An empty one is none, as everywhere.
    let mut socket = Socket(admin.socket("/ws?position=").await.unwrap());
    socket.text("ping").await;
    let heard = socket.heard_until("pong").await;
    assert!(heard.iter().all(|frame| frame["type"] != "ready"), "{heard:?}");
}

async fn subscribe(socket: &mut Socket, uuid: &str) {
    socket.send(&json!({"type": "conversation_subscribe", "data": {"conversation_uuid": uuid}})).await;
}

/// The ids of those who have the conversation open, once they are these.
async fn viewers(socket: &mut Socket, uuid: &str, ids: &[i64]) -> Value {
    loop {
        let told = socket.frame_of("conversation_viewers").await;
        assert_eq!(told["uuid"], uuid);
        let shown: Vec<i64> = told["agents"].as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()).collect();
        if shown == ids {
            return told["agents"].clone();
        }
    }
}

#[tokio::test]
async fn who_has_the_same_conversation_open_is_told() {
    let (wire, admin) = Wire::new().await;
    let (kim, lee) = (wire.desk.agent("kim").await, wire.desk.agent("lee").await);
    let (own, _, blind) = own(&wire, &admin).await;
    let inbox = wire.desk.inbox().await;
    let uuid = wire.desk.visitor(&inbox, "Hello").await.conversation.to_string();
    let other = wire.desk.visitor(&inbox, "Hello").await.conversation.to_string();
    let (mut of_kim, _) = latest(&wire, &wire.client(&kim)).await;
    let (mut of_lee, _) = latest(&wire, &wire.client(&lee)).await;
    let (mut of_blind, _) = latest(&wire, &blind).await;
    subscribe(&mut of_kim, &uuid).await;
    let shown = viewers(&mut of_kim, &uuid, &[kim.id.0]).await;
    assert_eq!(shown, json!([{"id": kim.id.0, "first_name": "Kim", "last_name": "", "avatar_url": null}]));

    // Two windows of one agent are one; who may not read it is none and is told nothing.
    subscribe(&mut of_blind, &uuid).await;
    subscribe(&mut of_lee, &uuid).await;
    let (mut again, _) = latest(&wire, &wire.client(&lee)).await;
    subscribe(&mut again, &uuid).await;
    for socket in [&mut of_kim, &mut of_lee, &mut again] {
        viewers(socket, &uuid, &[kim.id.0, lee.id.0]).await;
    }
    of_blind.text("ping").await;
    let heard = of_blind.heard_until("pong").await;
    assert!(heard.iter().all(|frame| frame["type"] != "conversation_viewers"), "agent {own}: {heard:?}");

    subscribe(&mut again, &other).await;
    viewers(&mut again, &other, &[lee.id.0]).await;
    of_lee.send(&json!({"type": "conversation_unsubscribe"})).await;
    viewers(&mut of_kim, &uuid, &[kim.id.0]).await;
    subscribe(&mut of_lee, &uuid).await;
    viewers(&mut of_kim, &uuid, &[kim.id.0, lee.id.0]).await;
    drop(of_lee);
    viewers(&mut of_kim, &uuid, &[kim.id.0]).await;
}
