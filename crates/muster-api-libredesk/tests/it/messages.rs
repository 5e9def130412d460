//! Messages: the thread of a conversation, replies, notes, and what is written in a contact's name.

use muster_testkit::{Client, Reply};
use serde_json::{Value, json};

use crate::mask::masked;
use crate::support::{Said as _, Wire};

/// A desk with a conversation that waits, and its messages' path.
async fn desk() -> (Wire, Client, String) {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello & <goodbye>").await;
    wire.desk.quiet().await;
    let path = format!("/api/v1/conversations/{}/messages", visitor.conversation);
    (wire, admin, path)
}

async fn send(client: &Client, path: &str, message: &str) -> Reply {
    client.post(path, &json!({"message": message, "sender_type": "agent"})).await
}

fn texts(page: &Value) -> Vec<&str> {
    page["results"].as_array().unwrap().iter().map(|message| message["text_content"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_reply_is_answered_whole_and_ends_the_waiting() {
    let (wire, admin, path) = desk().await;
    let sent = json!({"message": "<p>Hi <i>there</i></p><script>x</script>", "sender_type": "agent", "echo_id": "e-1"});
    insta::assert_snapshot!(masked(&admin.post(&path, &sent).await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":2,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "uuid":"[drawn 1]",
        "type":"outgoing",
        "status":"sent",
        "conversation_id":1,
        "conversation_uuid":"[drawn 2]",
        "content":"<p>Hi <i>there</i></p>",
        "text_content":"Hi there",
        "content_type":"html",
        "private":false,
        "sender_id":2,
        "sender_type":"agent",
        "meta":{
          "echo_id":"e-1"
        },
        "attachments":[],
        "author":{
          "id":2,
          "first_name":"Ada",
          "last_name":"",
          "email":"ada@example.org",
          "avatar_url":null,
          "availability_status":"offline",
          "type":"agent",
          "last_active_at":null
        },
        "seq":2
      }
    }
    "#);
    let view = admin.get(path.trim_end_matches("/messages")).await.data();
    assert_eq!(view["waiting_since"], Value::Null);
    assert!(view["first_reply_at"].is_string() && view["last_reply_at"].is_string());
    drop(wire);
}

#[tokio::test]
async fn a_thread_is_answered_whole_the_newest_first() {
    let (wire, admin, path) = desk().await;
    let uuid = path.split('/').nth(4).unwrap();
    let status = format!("/api/v1/conversations/{uuid}/status");
    admin.put(&status, &json!({"status": "Resolved"})).await.data();
    insta::assert_snapshot!(masked(&admin.get(&path).await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "results":[
          {
            "id":2,
            "created_at":"2026-01-05T09:00:00Z",
            "updated_at":"2026-01-05T09:00:00Z",
            "uuid":"[drawn 1]",
            "type":"activity",
            "status":"sent",
            "conversation_id":1,
            "conversation_uuid":"[drawn 2]",
            "content":"Ada marked the conversation as Resolved",
            "text_content":"Ada marked the conversation as Resolved",
            "content_type":"text",
            "private":true,
            "sender_id":2,
            "sender_type":"agent",
            "meta":{
              "activity_type":"status_change"
            },
            "attachments":[],
            "author":{
              "id":2,
              "first_name":"Ada",
              "last_name":"",
              "email":"ada@example.org",
              "avatar_url":null,
              "availability_status":"offline",
              "type":"agent",
              "last_active_at":null
            },
            "seq":2
          },
          {
            "id":1,
            "created_at":"2026-01-05T09:00:00Z",
            "updated_at":"2026-01-05T09:00:00Z",
            "uuid":"[drawn 3]",
            "type":"incoming",
            "status":"received",
            "conversation_id":1,
            "conversation_uuid":"[drawn 2]",
            "content":"Hello &amp; &lt;goodbye&gt;",
            "text_content":"Hello & <goodbye>",
            "content_type":"text",
            "private":false,
            "sender_id":3,
            "sender_type":"contact",
            "meta":{},
            "attachments":[],
            "author":{
              "id":3,
              "first_name":"Guest",
              "last_name":"100",
              "email":null,
              "avatar_url":null,
              "availability_status":"offline",
              "type":"visitor",
              "last_active_at":null
            },
            "seq":1
          }
        ],
        "total":2,
        "per_page":30,
        "total_pages":1,
        "page":1
      }
    }
    "#);
    drop(wire);
}

#[tokio::test]
async fn a_thread_can_be_narrowed() {
    let (_wire, admin, path) = desk().await;
    send(&admin, &path, "<p>Reply</p>").await.data();
    let note = json!({"message": "<p>Note</p>", "sender_type": "agent", "private": true});
    let noted = admin.post(&path, &note).await.data();
    assert_eq!(
        (&noted["private"], &noted["type"], &noted["status"]),
        (&json!(true), &json!("outgoing"), &json!("sent"))
    );
    for (query, expected) in [
        ("", &["Note", "Reply", "Hello & <goodbye>"][..]),
        ("?private=true", &["Note"]),
        ("?private=false", &["Reply", "Hello & <goodbye>"]),
        ("?type=incoming", &["Hello & <goodbye>"]),
        ("?type=outgoing&type=incoming&private=false", &["Reply", "Hello & <goodbye>"]),
        ("?type=activity", &[]),
        ("?page=2&page_size=2", &["Hello & <goodbye>"]),
    ] {
        assert_eq!(texts(&admin.get(&format!("{path}{query}")).await.data()), expected, "{query}");
    }
    for (query, message) in [("?private=maybe", "Invalid `private`"), ("?type=mail", "Invalid `type`")] {
        admin.get(&format!("{path}{query}")).await.refuses(400, "InputException", message);
    }
}

#[tokio::test]
async fn one_message_is_read_within_its_conversation() {
    let (wire, admin, path) = desk().await;
    let sent = send(&admin, &path, "<p>Reply</p>").await.data();
    let uuid = sent["uuid"].as_str().unwrap();
    assert_eq!(admin.get(&format!("{path}/{uuid}")).await.data(), sent);
    let inbox = wire.desk.app.inboxes(&muster_core::actor::Caller::operator()).await.unwrap().remove(0);
    let other = wire.desk.visitor(&inbox, "Another").await;
    let elsewhere = format!("/api/v1/conversations/{}/messages/{uuid}", other.conversation);
    admin.get(&elsewhere).await.refuses(403, "PermissionException", "Permission denied");
    let unknown = format!("{path}/00000000-0000-4000-8000-000000000000");
    admin.get(&unknown).await.refuses(404, "NotFoundException", "Message not found");
    admin.get(&format!("{path}/x")).await.refuses(400, "InputException", "Something went wrong");
}

#[tokio::test]
async fn the_same_echo_gives_the_first_message() {
    let (wire, admin, path) = desk().await;
    let sent = json!({"message": "<p>Once</p>", "sender_type": "agent", "echo_id": "e-1"});
    let first = admin.post(&path, &sent).await.data();
    assert_eq!(first["meta"], json!({"echo_id": "e-1"}));
    wire.desk.quiet().await;
    let digest = wire.desk.digest().await;
    let again = json!({"message": "<p>Twice</p>", "sender_type": "agent", "echo_id": "e-1"});
    assert_eq!(admin.post(&path, &again).await.data(), first);
    assert_eq!(wire.desk.digest().await, digest);
}

#[tokio::test]
async fn only_who_may_writes_in_the_contacts_name() {
    let (wire, admin, path) = desk().await;
    let sent = json!({"message": "<p>He called</p>", "sender_type": "contact"});
    // Administrators don't hold this right by themselves.
    admin.post(&path, &sent).await.refuses(403, "PermissionException", "Permission denied");
    let rights = ["conversations:read", "conversations:read_all", "messages:write", "messages:write_as_contact"];
    let scribe = wire.holder(&admin, &rights).await;
    let written = scribe.post(&path, &sent).await.data();
    let expected = (&json!("incoming"), &json!("contact"), &json!("received"));
    assert_eq!((&written["type"], &written["sender_type"], &written["status"]), expected);
    let private = json!({"message": "<p>x</p>", "sender_type": "contact", "private": true});
    scribe.post(&path, &private).await.refuses(400, "InputException", "Bad request");
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let (wire, admin, path) = desk().await;
    wire.desk.quiet().await;
    let digest = wire.desk.digest().await;
    for (sent, message) in [
        (json!({"message": "<p>x</p>"}), "Something went wrong"),
        (json!({"message": "<p>x</p>", "sender_type": "robot"}), "Something went wrong"),
        (json!({"sender_type": "agent"}), "`message` empty"),
        (json!({"message": "<p> </p>", "sender_type": "agent"}), "`message` empty"),
        (json!({"message": "<p>x</p>", "sender_type": "agent", "attachments": [7]}), "Invalid `attachments`"),
        (
            json!({"message": "x".repeat(100_001), "sender_type": "agent"}),
            "Message is too long, should be at most 100000 characters",
        ),
    ] {
        admin.post(&path, &sent).await.refuses(400, "InputException", message);
    }
    assert_eq!(wire.desk.digest().await, digest);
}

#[tokio::test]
async fn deviation_a_malformed_message_is_refused_with_400() {
    let (_wire, admin, path) = desk().await;
    let request = admin.request(reqwest::Method::POST, &path).header("content-type", "application/json").body("{");
    admin.send(request).await.refuses(400, "InputException", "Error parsing request");
}
