//! The agents' socket.

use muster_app::agents::AgentPatch;
use muster_core::actor::Caller;
use muster_testkit::{AgentHandle, Client};
use serde_json::{Value, json};

use crate::sockets::{Socket, refusal};
use crate::support::{Said as _, Wire};

/// Opens a socket when everything of before has been told: nobody is kicked for what was changed then.
async fn open(wire: &Wire, client: &Client) -> Socket {
    wire.desk.quiet().await;
    Socket(client.socket("/ws").await.unwrap())
}

/// A desk with an agent, and the agent's socket.
async fn desk() -> (Wire, AgentHandle, Client, Socket) {
    let (wire, _) = Wire::new().await;
    let lee = wire.desk.agent("lee").await;
    let client = wire.client(&lee);
    let mut socket = open(&wire, &client).await;
    // The socket made its agent present; that is told to all agents, itself among them.
    wire.desk.quiet().await;
    let online = json!({"agent_id": lee.id.0, "availability_status": "online"});
    assert_eq!(socket.frame_of("agent_availability_update").await, online);
    (wire, lee, client, socket)
}

async fn reply(client: &Client, uuid: &str, message: &str) -> Value {
    let sent = json!({"message": message, "sender_type": "agent", "echo_id": "echo-1"});
    client.post(&format!("/api/v1/conversations/{uuid}/messages"), &sent).await.data()
}

#[tokio::test]
async fn a_ping_is_answered_and_keeps_the_agent_present() {
    let (wire, lee, _, mut socket) = desk().await;
    for _ in 0..4 {
        socket.text("ping").await;
        assert_eq!(socket.heard().await, "pong");
        wire.desk.advance(std::time::Duration::from_secs(60)).await;
    }
    socket.text("ping").await;
    assert_eq!(socket.heard().await, "pong");
    assert!(wire.desk.profile(&lee).await.state.is_live(wire.desk.now()));
    drop(socket);
    wire.desk.advance(std::time::Duration::from_secs(120)).await;
    assert!(!wire.desk.profile(&lee).await.state.is_live(wire.desk.now()));
}

#[tokio::test]
async fn a_chat_rings_at_the_agent_who_gets_it() {
    let (wire, lee, _, mut socket) = desk().await;
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello & welcome").await;
    let uuid = visitor.conversation.to_string();
    let begun = socket.frame().await;
    assert_eq!((&begun["type"], &begun["data"]["uuid"]), (&json!("new_conversation"), &json!(uuid)));
    let mut message = socket.frame_of("new_message").await;
    let conversation = message["conversation"].take();
    assert!(conversation.get("unread_message_count").is_none() && conversation["uuid"] == json!(uuid));
    assert_eq!(
        (&message["conversation_uuid"], &message["type"], &message["preview"], &message["sender_type"]),
        (&json!(uuid), &json!("incoming"), &json!("Hello & welcome"), &json!("contact"))
    );
    assert_eq!(message["created_at"], "2026-01-05T09:00:00Z");
    assert!(message.get("echo_id").is_none());
    loop {
        let told = socket.frame_of("new_conversation").await;
        if told["assigned_user_id"] == json!(lee.id.0) {
            break;
        }
    }
}

#[tokio::test]
async fn a_subscribed_conversation_tells_its_changes() {
    let (wire, lee, client, mut socket) = desk().await;
    let inbox = wire.desk.inbox().await;
    let uuid = wire.desk.visitor(&inbox, "Hello").await.conversation.to_string();
    wire.desk.quiet().await;
    socket.send(&json!({"type": "conversation_subscribe", "data": {"conversation_uuid": uuid}})).await;
    socket.text("ping").await;
    socket.heard_until("pong").await;
    let path = format!("/api/v1/conversations/{uuid}");
    client.put(&format!("{path}/priority"), &json!({"priority": "High"})).await.data();
    let changed = socket.frame_of("conversation_update").await;
    assert_eq!(changed, json!({"uuid": uuid, "priority": "High", "priority_id": 2}));
    client.put(&format!("{path}/status"), &json!({"status": "Resolved"})).await.data();
    let changed = socket.frame_of("conversation_update").await;
    let at = "2026-01-05T09:00:00Z";
    let resolved = json!({
        "uuid": uuid, "status": "Resolved", "resolved_at": at, "closed_at": null, "snoozed_until": null,
        "waiting_since": null,
    });
    assert_eq!(changed, resolved);
    let sent = reply(&client, &uuid, "<p>Bye</p>").await;
    let message = socket.frame_of("new_message").await;
    let message = if message["type"] == "activity" { socket.frame_of("new_message").await } else { message };
    assert_eq!((&message["uuid"], &message["echo_id"]), (&sent["uuid"], &json!("echo-1")));
    let changed = socket.frame_of("conversation_update").await;
    assert_eq!(
        changed,
        json!({"uuid": uuid, "last_message": "Bye", "waiting_since": null, "first_reply_at": at, "last_reply_at": at})
    );
    assert_eq!(client.get(&path).await.data()["assigned_user_id"], json!(lee.id.0));
    client.put(&format!("{path}/status"), &json!({"status": "Snoozed", "snoozed_until": "90m"})).await.data();
    let changed = socket.frame_of("conversation_update").await;
    assert_eq!((&changed["status"], &changed["snoozed_until"]), (&json!("Snoozed"), &json!("2026-01-05T10:30:00Z")));
}

#[tokio::test]
async fn deviation_only_the_author_is_told_the_echo_of_a_message() {
    let (wire, _, client, mut socket) = desk().await;
    let mia = wire.desk.agent("mia").await;
    let mut other = open(&wire, &wire.client(&mia)).await;
    let inbox = wire.desk.inbox().await;
    let uuid = wire.desk.visitor(&inbox, "Hello").await.conversation.to_string();
    let sent = reply(&client, &uuid, "<p>Bye</p>").await;
    for (socket, echo) in [(&mut socket, json!("echo-1")), (&mut other, Value::Null)] {
        let told = loop {
            let told = socket.frame_of("new_message").await;
            if told["uuid"] == sent["uuid"] {
                break told;
            }
        };
        assert_eq!(told["echo_id"], echo);
    }
}

#[tokio::test]
async fn a_list_of_conversations_tells_their_changes() {
    let (wire, _, client, mut socket) = desk().await;
    let inbox = wire.desk.inbox().await;
    let uuid = wire.desk.visitor(&inbox, "Hello").await.conversation.to_string();
    let other = wire.desk.visitor(&inbox, "Hello").await.conversation.to_string();
    wire.desk.quiet().await;
    socket.send(&json!({"type": "list_subscribe_replace", "data": {"uuids": [uuid, "nonsense"]}})).await;
    socket.text("ping").await;
    socket.heard_until("pong").await;
    for uuid in [&other, &uuid] {
        client.put(&format!("/api/v1/conversations/{uuid}/priority"), &json!({"priority": "Low"})).await.data();
    }
    assert_eq!(socket.frame_of("conversation_update").await["uuid"], json!(uuid));
}

#[tokio::test]
async fn nobody_hears_of_what_he_may_not_read() {
    let (wire, admin) = Wire::new().await;
    let reader = wire.holder(&admin, &["conversations:read", "conversations:read_assigned"]).await;
    let mut socket = open(&wire, &reader).await;
    let inbox = wire.desk.inbox().await;
    let uuid = wire.desk.visitor(&inbox, "Hello").await.conversation.to_string();
    socket.send(&json!({"type": "conversation_subscribe", "data": {"conversation_uuid": uuid}})).await;
    wire.desk.quiet().await;
    socket.text("ping").await;
    let heard = socket.heard_until("pong").await;
    assert!(heard.iter().all(|frame| frame["type"] == "agent_availability_update"), "{heard:?}");
}

#[tokio::test]
async fn whoever_loses_a_conversation_is_told_to_drop_it() {
    let (wire, admin) = Wire::new().await;
    let rights = ["conversations:read", "conversations:read_assigned", "messages:write"];
    let role = json!({"name": "Own", "permissions": rights});
    admin.post("/api/v1/roles", &role).await.data();
    let own = wire.desk.agent("own").role("Own").await;
    let mut socket = open(&wire, &wire.client(&own)).await;
    let inbox = wire.desk.inbox().await;
    let uuid = wire.desk.visitor(&inbox, "Hello").await.conversation.to_string();
    wire.desk.quiet().await;
    let assignee = format!("/api/v1/conversations/{uuid}/assignee/user");
    admin.put(&assignee, &json!({"assignee_id": own.id.0})).await.data();
    assert_eq!(socket.frame_of("new_conversation").await["assigned_user_id"], json!(own.id.0));
    admin.put(&format!("{assignee}/remove"), &json!({})).await.data();
    assert_eq!(socket.frame_of("new_conversation").await["assigned_user_id"], Value::Null);
    wire.desk.quiet().await;
    socket.text("ping").await;
    assert_eq!(socket.heard_until("pong").await, Vec::<Value>::new());
}

#[tokio::test]
async fn typing_goes_between_agent_and_visitor_unless_private() {
    let (wire, _, client, mut socket) = desk().await;
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    let uuid = visitor.conversation.to_string();
    wire.desk.quiet().await;
    socket.send(&json!({"type": "conversation_subscribe", "data": {"conversation_uuid": uuid}})).await;
    socket.text("ping").await;
    socket.heard_until("pong").await;
    let mut widget = Socket(wire.nobody().socket("/widget/ws").await.unwrap());
    widget.send(&json!({"type": "join", "token": visitor.token, "data": {"inbox_id": visitor.inbox}})).await;
    assert_eq!(widget.frame().await["type"], "joined");
    let typing = json!({"conversation_uuid": uuid, "is_typing": true});
    widget.send(&json!({"type": "typing", "data": typing})).await;
    assert_eq!(socket.frame_of("typing").await, typing);
    for private in [true, false] {
        let data = json!({"conversation_uuid": uuid, "is_typing": !private, "is_private_message": private});
        socket.send(&json!({"type": "typing", "data": data})).await;
    }
    assert_eq!(widget.frame().await, json!({"type": "typing", "data": typing}));
    drop(client);
}

#[tokio::test]
async fn bad_frames_are_answered_with_an_error() {
    let (_wire, _, _, mut socket) = desk().await;
    for (sent, message) in [
        ("nonsense", "invalid message format"),
        ("[]", "invalid message format"),
        ("{\"type\":\"dance\"}", "unknown message type"),
        ("{\"type\":\"conversation_subscribe\"}", "conversation_uuid is required"),
        (
            "{\"type\":\"conversation_subscribe\",\"data\":{\"conversation_uuid\":\"x\"}}",
            "conversation_uuid is required",
        ),
        ("{\"type\":\"typing\",\"data\":{}}", "conversation_uuid is required"),
        ("{\"type\":\"list_subscribe_replace\",\"data\":{}}", "uuids is required"),
    ] {
        socket.text(sent).await;
        assert_eq!(socket.frame().await, json!({"type": "error", "data": message}), "{sent}");
    }
    let many = vec!["x"; 501];
    socket.send(&json!({"type": "list_subscribe_replace", "data": {"uuids": many}})).await;
    assert_eq!(socket.frame().await, json!({"type": "error", "data": "too many uuids"}));
    socket.binary().await;
    assert_eq!(socket.closed().await, (1003, "text only".to_owned()));
}

#[tokio::test]
async fn deviation_whoever_is_changed_disabled_or_signed_out_is_kicked() {
    let (wire, _) = Wire::new().await;
    let lee = wire.desk.agent("lee").password().await;
    let operator = Caller::operator();
    let kicked = (1000, "kicked".to_owned());

    let mut socket = open(&wire, &wire.client(&lee)).await;
    let renamed = AgentPatch { first_name: Some("Leo".to_owned()), ..AgentPatch::default() };
    wire.desk.app.update_agent(&operator, lee.id, renamed).await.unwrap();
    assert_eq!(socket.closed().await, kicked);

    let browser = wire.sign_in("lee@example.org").await.header("origin", "http://localhost:5173");
    let mut socket = open(&wire, &browser).await;
    assert_eq!(browser.get("/logout").await.status(), 302);
    assert_eq!(socket.closed().await, kicked);

    let mut socket = open(&wire, &wire.client(&lee)).await;
    wire.desk.app.revoke_api_key(&operator, lee.id, "default").await.unwrap();
    assert_eq!(socket.closed().await, kicked);
    let handle = wire.desk.handle(&wire.desk.profile(&lee).await).await;

    let mut socket = open(&wire, &wire.client(&handle)).await;
    let disabled = AgentPatch { enabled: Some(false), ..AgentPatch::default() };
    wire.desk.app.update_agent(&operator, lee.id, disabled).await.unwrap();
    assert_eq!(socket.closed().await, kicked);
    assert_eq!(refusal(wire.client(&handle).socket("/ws").await).0, 401);
}

#[tokio::test]
async fn deviation_a_cookie_opens_a_socket_from_this_desks_pages_only() {
    let (wire, _) = Wire::new().await;
    wire.desk.agent("lee").password().await;
    let browser = wire.sign_in("lee@example.org").await;
    for origin in ["https://evil.example.com", "null"] {
        let (status, _) = refusal(browser.clone().header("origin", origin).socket("/ws").await);
        assert_eq!(status, 403, "{origin}");
    }
    assert_eq!(refusal(browser.socket("/ws").await).0, 403);
    assert_eq!(refusal(wire.nobody().socket("/ws").await).0, 401);
    let mut socket = open(&wire, &browser.header("origin", "http://localhost:5173")).await;
    socket.text("ping").await;
    socket.heard_until("pong").await;
}

#[tokio::test]
async fn a_socket_ends_with_its_session() {
    let (wire, _) = Wire::new().await;
    wire.desk.agent("lee").password().await;
    let browser = wire.sign_in("lee@example.org").await.header("origin", "http://localhost:5173");
    let mut socket = open(&wire, &browser).await;
    socket.text("ping").await;
    socket.heard_until("pong").await;
    wire.desk.clock.jump(wire.desk.app.settings().session_life);
    wire.desk.agent("mia").online().await;
    assert_eq!(socket.closed().await, (1000, "kicked".to_owned()));
}

#[tokio::test]
async fn a_session_that_is_over_closes_a_silent_socket_and_proves_nothing() {
    let (wire, _) = Wire::new().await;
    let lee = wire.desk.agent("lee").password().await;
    let browser = wire.sign_in("lee@example.org").await.header("origin", "http://localhost:5173");
    let (mut silent, mut pinging) = (open(&wire, &browser).await, open(&wire, &browser).await);
    // The leases run out, and with them all that could be heard.
    wire.desk.advance(std::time::Duration::from_secs(120)).await;
    for socket in [&mut silent, &mut pinging] {
        while socket.frame_of("agent_availability_update").await["availability_status"] != "offline" {}
    }
    wire.desk.clock.jump(wire.desk.app.settings().session_life);
    pinging.text("ping").await;
    for socket in [&mut silent, &mut pinging] {
        assert_eq!(socket.closed().await, (1000, "kicked".to_owned()));
    }
    assert!(!wire.desk.profile(&lee).await.state.is_live(wire.desk.now()));
}
