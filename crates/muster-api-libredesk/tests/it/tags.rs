//! Tags, and statuses of one's own.

use insta::assert_snapshot;
use muster_testkit::Client;
use serde_json::{Value, json};

use crate::sockets::Socket;
use crate::support::{Said as _, Wire};

const TAGS: &str = "/api/v1/tags";
const STATUSES: &str = "/api/v1/statuses";

#[tokio::test]
async fn a_tag_is_created_listed_renamed_and_deleted() {
    let (wire, admin) = Wire::new().await;
    let created = admin.post(TAGS, &json!({"name": " returns "})).await;
    assert_snapshot!(created.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "name":"returns"
      }
    }
    "#);
    admin.post(TAGS, &json!({"name": "Billing"})).await.data();
    let kim = wire.client(&wire.desk.agent("kim").await);
    let list = kim.get(TAGS).await.data();
    assert_eq!((&list[0]["name"], &list[1]), (&json!("Billing"), &created.data()));
    assert_eq!(admin.put(&format!("{TAGS}/1"), &json!({"name": "bug"})).await.data()["name"], "bug");
    assert_eq!(admin.delete(&format!("{TAGS}/1")).await.data(), true);
    admin.delete(&format!("{TAGS}/1")).await.refuses(404, "NotFoundException", "Tag not found");
    let gone = admin.put(&format!("{TAGS}/1"), &json!({"name": "bug"})).await;
    gone.refuses(404, "NotFoundException", "Tag not found");
    for answer in [
        kim.post(TAGS, &json!({"name": "x"})).await,
        kim.put(&format!("{TAGS}/2"), &json!({"name": "x"})).await,
        kim.delete(&format!("{TAGS}/2")).await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn a_tag_that_can_not_be_is_refused() {
    let (_wire, admin) = Wire::new().await;
    admin.post(TAGS, &json!({"name": "billing"})).await.data();
    admin.post(TAGS, &json!({"name": "bug"})).await.data();
    let long = "x".repeat(141);
    for (body, status, kind, message) in [
        (json!({}), 400, "InputException", "`name` empty"),
        (json!({"name": "  "}), 400, "InputException", "`name` empty"),
        (json!({"name": long}), 400, "InputException", "Name is too long, should be at most 140 characters"),
        (json!({"name": "BILLING"}), 409, "ConflictException", "Tag already exists"),
    ] {
        admin.post(TAGS, &body).await.refuses(status, kind, message);
        admin.put(&format!("{TAGS}/2"), &body).await.refuses(status, kind, message);
    }
}

/// A desk with three tags, an agent, and the path of a conversation.
async fn tagged_desk() -> (Wire, Client, Client, String) {
    let (wire, admin) = Wire::new().await;
    for name in ["returns", "billing", "bug"] {
        admin.post(TAGS, &json!({"name": name})).await.data();
    }
    let kim = wire.client(&wire.desk.agent("kim").await);
    let uuid = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await.conversation;
    wire.desk.quiet().await;
    (wire, admin, kim, format!("/api/v1/conversations/{uuid}"))
}

async fn texts(client: &Client, path: &str) -> Vec<(String, Value)> {
    let page = client.get(&format!("{path}/messages?type=activity")).await.data();
    let text = |message: &Value| {
        let text = message["text_content"].as_str().unwrap().to_owned();
        (text, message["meta"]["activity_type"].clone())
    };
    page["results"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_conversations_tags_are_set_added_and_removed() {
    let (_wire, _, kim, path) = tagged_desk().await;
    let tags = async |body: Value| {
        assert_eq!(kim.post(&format!("{path}/tags"), &body).await.data(), true);
        kim.get(&path).await.data()["tags"].clone()
    };
    assert_eq!(tags(json!({"tags": ["returns", "BUG", "unknown"]})).await, json!(["bug", "returns"]));
    assert_eq!(tags(json!({"tags": ["billing"], "action": "add_tags"})).await, json!(["billing", "bug", "returns"]));
    assert_eq!(tags(json!({"tags": ["bug", "unknown"], "action": "remove_tags"})).await, json!(["billing", "returns"]));
    assert_eq!(tags(json!({"tags": ["billing"], "action": "set_tags"})).await, json!(["billing"]));
    let told = texts(&kim, &path).await;
    let expected = [
        ("Kim removed tag returns", "tag_removed"),
        ("Kim removed tag bug", "tag_removed"),
        ("Kim added tag billing", "tag_added"),
        ("Kim added tag returns", "tag_added"),
        ("Kim added tag bug", "tag_added"),
    ];
    assert_eq!(told, expected.map(|(text, word)| (text.to_owned(), json!(word))));
    assert_eq!(tags(json!({"tags": []})).await, json!([]));
}

#[tokio::test]
async fn deviation_a_change_of_tags_that_can_not_be_is_refused() {
    let (_wire, _, kim, path) = tagged_desk().await;
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    for (body, message) in [
        (json!({}), "`tags` empty"),
        (json!({"tags": ["bug"], "action": "toggle"}), "Invalid `action`"),
        (json!({"tags": many}), "Invalid `tags`"),
    ] {
        kim.post(&format!("{path}/tags"), &body).await.refuses(400, "InputException", message);
    }
    assert_eq!(kim.get(&path).await.data()["tags"], json!([]));
}

#[tokio::test]
async fn a_deleted_tag_is_gone_from_conversations() {
    let (_wire, admin, kim, path) = tagged_desk().await;
    kim.post(&format!("{path}/tags"), &json!({"tags": ["bug", "billing"]})).await.data();
    admin.delete(&format!("{TAGS}/3")).await.data();
    assert_eq!(kim.get(&path).await.data()["tags"], json!(["billing"]));
}

#[tokio::test]
async fn whoever_has_the_conversation_open_is_told_of_its_tags() {
    let (wire, _, kim, path) = tagged_desk().await;
    wire.desk.quiet().await;
    let mut socket = Socket(kim.socket("/ws").await.unwrap());
    let uuid = path.rsplit('/').next().unwrap();
    socket.send(&json!({"type": "conversation_subscribe", "data": {"conversation_uuid": uuid}})).await;
    socket.text("ping").await;
    socket.heard_until("pong").await;
    kim.post(&format!("{path}/tags"), &json!({"tags": ["returns", "bug"]})).await.data();
    let told = loop {
        let told = socket.frame_of("conversation_update").await;
        if told.get("tags").is_some() {
            break told;
        }
    };
    assert_eq!(told, json!({"uuid": uuid, "tags": ["bug", "returns"]}));
}

#[tokio::test]
async fn deviation_a_team_that_asks_for_a_tag_resolves_nothing_without() {
    let (wire, admin, kim, path) = tagged_desk().await;
    let team = wire.desk.team("Support").await;
    let asks = json!({"name": "Support", "muster": {"tag_required": true}});
    admin.put(&format!("/api/v1/teams/{team}"), &asks).await.data();
    admin.put(&format!("{path}/assignee/team"), &json!({"assignee_id": team.0})).await.data();
    admin.post("/api/v1/macros", &json!({"name": "Done", "visible_when": ["replying"]})).await.data();
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let resolve = async || kim.put(&format!("{path}/status"), &json!({"status": "Resolved"})).await;
    let message = "This team asks for a tag, Please tag the conversation before you resolve it";
    resolve().await.refuses(400, "InputException", message);
    let actions = json!([{"type": "set_status", "value": ["3"]}]);
    kim.post(&format!("{path}/macros/1/apply"), &actions).await.refuses(400, "InputException", message);
    let uuid = path.rsplit('/').next().unwrap();
    let many = json!({"uuids": [uuid], "action": "set_status", "value": "Resolved"});
    let outcomes = kim.post("/api/v1/conversations/bulk", &many).await.data();
    let refused = json!([{"uuid": uuid, "done": false, "message": message, "error_type": "InputException"}]);
    assert_eq!(outcomes, refused);
    wire.desk.quiet().await;
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
    kim.post(&format!("{path}/tags"), &json!({"tags": ["bug"]})).await.data();
    resolve().await.data();
}

#[tokio::test]
async fn a_status_is_created_changed_and_deleted() {
    let (wire, admin) = Wire::new().await;
    let created = admin.post(STATUSES, &json!({"name": " On hold ", "category": "waiting"})).await;
    assert_snapshot!(created.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":5,
        "created_at":"2026-01-05T09:00:00Z",
        "name":"On hold",
        "category":"waiting"
      }
    }
    "#);
    let kim = wire.client(&wire.desk.agent("kim").await);
    assert_eq!(kim.get(STATUSES).await.data()[4], created.data());
    let renamed = admin.put(&format!("{STATUSES}/5"), &json!({"name": "Parts", "category": "open"})).await.data();
    assert_eq!((&renamed["name"], &renamed["category"]), (&json!("Parts"), &json!("open")));
    assert_eq!(admin.put(&format!("{STATUSES}/5"), &json!({})).await.data(), renamed);
    assert_eq!(admin.delete(&format!("{STATUSES}/5")).await.data(), true);
    admin.delete(&format!("{STATUSES}/5")).await.refuses(400, "InputException", "Status not found");
    for answer in [
        kim.post(STATUSES, &json!({"name": "x", "category": "open"})).await,
        kim.put(&format!("{STATUSES}/1"), &json!({"name": "x"})).await,
        kim.delete(&format!("{STATUSES}/1")).await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn a_status_that_can_not_be_is_refused() {
    let (_wire, admin) = Wire::new().await;
    admin.post(STATUSES, &json!({"name": "On hold", "category": "waiting"})).await.data();
    for (body, status, kind, message) in [
        (json!({"category": "open"}), 400, "InputException", "`name` empty"),
        (json!({"name": "  ", "category": "no"}), 400, "InputException", "`name` empty"),
        (
            json!({"name": "x".repeat(26), "category": "no"}),
            400,
            "InputException",
            "Status is too long, should be at most 25 characters",
        ),
        (json!({"name": "x", "category": "no"}), 400, "InputException", "Invalid `category`"),
        (json!({"name": "x"}), 400, "InputException", "Invalid `category`"),
        (json!({"name": "ON HOLD", "category": "open"}), 409, "ConflictException", "Status already exists"),
    ] {
        admin.post(STATUSES, &body).await.refuses(status, kind, message);
    }
    let fixed = "Cannot update default conversation status";
    for id in 1..=4 {
        let path = format!("{STATUSES}/{id}");
        admin.put(&path, &json!({"name": "x"})).await.refuses(400, "InputException", fixed);
        admin.delete(&path).await.refuses(400, "InputException", fixed);
    }
    let absent = admin.put(&format!("{STATUSES}/9"), &json!({"name": "x"})).await;
    absent.refuses(400, "InputException", "Status not found");
}

#[tokio::test]
async fn deviation_a_status_in_use_keeps_its_category() {
    let (_wire, admin, kim, path) = tagged_desk().await;
    admin.post(STATUSES, &json!({"name": "On hold", "category": "waiting"})).await.data();
    kim.put(&format!("{path}/status"), &json!({"status": "on hold"})).await.data();
    let shown = kim.get(&path).await.data();
    assert_eq!((&shown["status"], &shown["status_category"]), (&json!("On hold"), &json!("waiting")));
    let message = "Cannot change the category of a status that is in use, \
                   Please remove this status from all conversations before changing it";
    let answer = admin.put(&format!("{STATUSES}/5"), &json!({"name": "On hold", "category": "open"})).await;
    answer.refuses(400, "InputException", message);
    let message = "Cannot delete status as it is in use, \
                   Please remove this status from all conversations before deleting";
    admin.delete(&format!("{STATUSES}/5")).await.refuses(400, "InputException", message);
    admin.put(&format!("{STATUSES}/5"), &json!({"name": "Parts", "category": "waiting"})).await.data();
    assert_eq!(kim.get(&path).await.data()["status"], "Parts");
}
