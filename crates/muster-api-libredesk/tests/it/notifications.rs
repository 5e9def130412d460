//! Mentions and notifications.

use muster_testkit::{AgentHandle, Client};
use serde_json::{Value, json};

use crate::mask::masked;
use crate::sockets::Socket;
use crate::support::{Said as _, Wire};

struct Scene {
    wire: Wire,
    admin: Client,
    lee: AgentHandle,
    client: Client,
    /// Of the conversation.
    path: String,
}

/// A desk with a conversation and an agent besides the administrator.
async fn scene() -> Scene {
    let (wire, admin) = Wire::new().await;
    let lee = wire.desk.agent("lee").await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    wire.desk.quiet().await;
    let (client, path) = (wire.client(&lee), format!("/api/v1/conversations/{}", visitor.conversation));
    Scene { wire, admin, lee, client, path }
}

impl Scene {
    async fn call(&self, message: &str) -> Value {
        let note = json!({"message": message, "sender_type": "agent", "private": true,
                          "mentions": [{"type": "agent", "id": self.lee.id.0}]});
        self.admin.post(&format!("{}/messages", self.path), &note).await.data()
    }
}

#[tokio::test]
async fn a_mention_is_answered_whole() {
    let scene = scene().await;
    scene.call("<p>Please <b>look</b></p>").await;
    insta::assert_snapshot!(masked(&scene.client.get("/api/v1/notifications").await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":[
        {
          "id":1,
          "created_at":"2026-01-05T09:00:00Z",
          "updated_at":"2026-01-05T09:00:00Z",
          "user_id":3,
          "notification_type":"mention",
          "title":"Ada mentioned you in conversation 100",
          "body":"Please look",
          "is_read":false,
          "conversation_id":1,
          "message_id":2,
          "actor_id":2,
          "meta":{},
          "actor_first_name":"Ada",
          "actor_last_name":"",
          "actor_avatar_url":null,
          "conversation_uuid":"[drawn 1]",
          "message_uuid":"[drawn 2]"
        }
      ]
    }
    "#);
    let stats = scene.client.get("/api/v1/notifications/stats").await.data();
    assert_eq!(stats, json!({"unread_count": 1, "total_count": 1}));
    assert_eq!(scene.admin.get("/api/v1/notifications").await.data(), json!([]));
}

#[tokio::test]
async fn whom_nobody_knows_is_not_called() {
    let scene = scene().await;
    let messages = format!("{}/messages", scene.path);
    let note =
        |mentions: Value| json!({"message": "Hi", "sender_type": "agent", "private": true, "mentions": mentions});
    for unknown in [json!([{"type": "agent", "id": 999}]), json!([{"type": "team", "id": 999}])] {
        scene.admin.post(&messages, &note(unknown)).await.refuses(400, "InputException", "Invalid `mentions`");
    }
    let crowd: Vec<Value> = (1..=101).map(|id| json!({"type": "agent", "id": id})).collect();
    scene.admin.post(&messages, &note(json!(crowd))).await.refuses(400, "InputException", "Invalid `mentions`");
    for malformed in
        [json!([{"type": "robot", "id": 1}]), json!([{"type": "agent"}]), json!({"type": "agent", "id": 1})]
    {
        scene.admin.post(&messages, &note(malformed)).await.refuses(400, "InputException", "Error parsing request");
    }
    assert_eq!(scene.admin.get(&messages).await.data()["total"], 1);
    scene.admin.post(&messages, &note(Value::Null)).await.data();
}

#[tokio::test]
async fn notifications_are_read_and_deleted_by_whom_they_are_for() {
    let scene = scene().await;
    for message in ["one", "two", "three"] {
        scene.call(message).await;
    }
    let all = scene.client.get("/api/v1/notifications?limit=2&offset=1").await.data();
    let bodies: Vec<_> = all.as_array().unwrap().iter().map(|it| it["body"].clone()).collect();
    assert_eq!(bodies, [json!("two"), json!("one")]);
    let path = format!("/api/v1/notifications/{}", all[0]["id"]);
    let stats = async || scene.client.get("/api/v1/notifications/stats").await.data();
    assert_eq!(scene.client.put(&format!("{path}/read"), &json!({})).await.data(), true);
    assert_eq!(stats().await, json!({"unread_count": 2, "total_count": 3}));
    assert_eq!(scene.client.get("/api/v1/notifications?limit=2").await.data()[1]["is_read"], true);
    assert_eq!(scene.client.put("/api/v1/notifications/read-all", &json!({})).await.data(), true);
    assert_eq!(stats().await, json!({"unread_count": 0, "total_count": 3}));

    let message = "Notification not found";
    scene.admin.put(&format!("{path}/read"), &json!({})).await.refuses(404, "NotFoundException", message);
    scene.admin.delete(&path).await.refuses(404, "NotFoundException", message);
    scene.client.delete("/api/v1/notifications/99").await.refuses(404, "NotFoundException", message);
    scene.client.delete("/api/v1/notifications/all").await.refuses(400, "InputException", "Something went wrong");
    assert_eq!(scene.client.delete(&path).await.data(), true);
    assert_eq!(stats().await, json!({"unread_count": 0, "total_count": 2}));
    assert_eq!(scene.client.delete("/api/v1/notifications").await.data(), true);
    assert_eq!(stats().await, json!({"unread_count": 0, "total_count": 0}));
}

#[tokio::test]
async fn deviation_what_an_agent_may_not_read_is_not_quoted_in_a_notification() {
    let scene = scene().await;
    let own = json!({"name": "Own", "permissions": ["conversations:read", "conversations:read_assigned"]});
    scene.admin.post("/api/v1/roles", &own).await.data();
    let lee = json!({"first_name": "Lee", "email": scene.lee.email, "roles": ["Own"]});
    scene.admin.put(&format!("/api/v1/agents/{}", scene.lee.id.0), &lee).await.data();
    scene.wire.desk.quiet().await;
    let mut socket = Socket(scene.client.socket("/ws").await.unwrap());
    scene.call("The password is swordfish").await;
    assert_eq!(scene.client.get("/api/v1/notifications").await.data(), json!([]));
    let none = json!({"unread_count": 0, "total_count": 0});
    assert_eq!(scene.client.get("/api/v1/notifications/stats").await.data(), none);
    scene.wire.desk.quiet().await;
    socket.text("ping").await;
    let heard = socket.heard_until("pong").await;
    assert!(heard.iter().all(|frame| frame["type"] != "new_notification"), "{heard:?}");
}

#[tokio::test]
async fn an_agents_socket_rings_for_the_own_notifications_alone() {
    let scene = scene().await;
    let mut own = Socket(scene.client.socket("/ws").await.unwrap());
    // Lee is there now, and the router gives them what waits.
    let told = own.frame_of("new_notification").await;
    assert_eq!(json!([told]), scene.client.get("/api/v1/notifications").await.data());
    assert_eq!((&told["notification_type"], &told["actor_id"]), (&json!("assignment"), &Value::Null));
    let mut others = Socket(scene.admin.socket("/ws").await.unwrap());
    scene.wire.desk.quiet().await;
    scene.call("Look").await;
    let told = own.frame_of("new_notification").await;
    assert_eq!((&told["notification_type"], &told["body"]), (&json!("mention"), &json!("Look")));
    scene.wire.desk.quiet().await;
    others.text("ping").await;
    let heard = others.heard_until("pong").await;
    assert!(heard.iter().all(|frame| frame["type"] != "new_notification"), "{heard:?}");
}
