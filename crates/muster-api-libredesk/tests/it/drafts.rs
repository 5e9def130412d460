//! Drafts.

use muster_testkit::Client;
use serde_json::{Value, json};

use crate::mask::masked;
use crate::support::{Said as _, Wire};

/// A desk with a conversation, and the path of its draft.
async fn desk() -> (Wire, Client, String) {
    let (wire, admin) = Wire::new().await;
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    (wire, admin, format!("/api/v1/conversations/{}/draft", visitor.conversation))
}

#[tokio::test]
async fn a_draft_is_kept_listed_and_deleted() {
    let (wire, admin, path) = desk().await;
    let draft = json!({"content": "<p>Hi <span data-id=\"3\">Pat</span></p>", "meta": {"to": ["pat@example.com"]}});
    insta::assert_snapshot!(masked(&admin.post(&path, &draft).await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "conversation_id":1,
        "conversation_uuid":"[drawn 1]",
        "user_id":2,
        "type":"reply",
        "content":"<p>Hi <span data-id=\"3\">Pat</span></p>",
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "meta":{
          "to":[
            "pat@example.com"
          ]
        }
      }
    }
    "#);
    let note = json!({"type": "private_note", "content": "Ask Lee", "meta": null});
    let note = admin.post(&path, &note).await.data();
    assert_eq!((&note["type"], &note["meta"]), (&json!("private_note"), &json!({})));
    let reply = admin.post(&path, &json!({"type": "", "content": "Hi"})).await.data();
    assert_eq!((&reply["id"], &reply["content"], &reply["meta"]), (&json!(1), &json!("Hi"), &json!({})));
    assert_eq!(admin.get("/api/v1/drafts").await.data(), json!([reply, note]));
    assert_eq!(wire.client(&wire.desk.agent("lee").await).get("/api/v1/drafts").await.data(), json!([]));
    assert_eq!(admin.delete(&format!("{path}?type=reply")).await.data(), true);
    assert_eq!(admin.get("/api/v1/drafts").await.data(), json!([note]));
    assert_eq!(admin.delete(&path).await.data(), true);
    assert_eq!(admin.get("/api/v1/drafts").await.data(), json!([]));
}

#[tokio::test]
async fn a_draft_of_nothing_or_too_much_is_refused() {
    let (_wire, admin, path) = desk().await;
    for (draft, message) in [
        (json!({}), "`content` empty"),
        (json!({"content": " ", "meta": {}}), "`content` empty"),
        (json!({"content": "Hi", "type": "note"}), "Invalid `type`"),
        (json!({"meta": {"a": "x".repeat(32 * 1024)}}), "Meta is too long, should be at most 32768 characters"),
        (json!({"content": "x".repeat(100_001)}), "Content is too long, should be at most 100000 characters"),
        (json!({"content": "Hi", "meta": []}), "Error parsing request"),
        (json!({"content": 7}), "Error parsing request"),
    ] {
        admin.post(&path, &draft).await.refuses(400, "InputException", message);
    }
    admin.delete(&format!("{path}?type=both")).await.refuses(400, "InputException", "Invalid `type`");
    assert_eq!(admin.get("/api/v1/drafts").await.data(), json!([]));
}

#[tokio::test]
async fn a_draft_belongs_to_a_conversation_that_may_be_read() {
    let (wire, admin, path) = desk().await;
    let absent = "/api/v1/conversations/00000000-0000-0000-0000-000000000000/draft";
    let draft = json!({"content": "Hi"});
    admin.post(absent, &draft).await.refuses(404, "NotFoundException", "Conversation not found");
    admin.delete(absent).await.refuses(404, "NotFoundException", "Conversation not found");
    let own = ["conversations:read", "conversations:read_assigned"];
    let holder = wire.holder(&admin, &own).await;
    holder.post(&path, &draft).await.refuses(403, "PermissionException", "Permission denied");
    holder.delete(&path).await.refuses(403, "PermissionException", "Permission denied");
    let left: Value = holder.get("/api/v1/drafts").await.data();
    assert_eq!(left, json!([]));
}
