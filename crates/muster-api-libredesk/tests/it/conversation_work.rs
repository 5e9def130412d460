//! What agents do with a conversation beside answering: noting attributes, taking notes back, sending again, reading,
//! and one thing done to many.

use std::time::Duration;

use muster_core::id::AgentId;
use muster_testkit::{AgentHandle, Client, VisitorHandle};
use serde_json::{Value, json};

use crate::sockets::Socket;
use crate::support::{Said as _, Wire};

const CONVERSATIONS: &str = "/api/v1/conversations";
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

/// A desk with an agent and a visitor's conversation.
struct Scene {
    wire: Wire,
    admin: Client,
    kim: Client,
    agent: AgentHandle,
    visitor: VisitorHandle,
    /// The conversation.
    path: String,
}

async fn scene() -> Scene {
    let (wire, admin) = Wire::new().await;
    let agent = wire.desk.agent("kim").await;
    let kim = wire.client(&agent);
    let visitor = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await;
    wire.desk.quiet().await;
    let path = format!("{CONVERSATIONS}/{}", visitor.conversation);
    Scene { wire, admin, kim, agent, visitor, path }
}

async fn define(admin: &Client, applies_to: &str, key: &str, data_type: &str) {
    let attribute = json!({"name": key, "description": key, "applies_to": applies_to, "key": key,
                           "data_type": data_type});
    admin.post("/api/v1/custom-attributes", &attribute).await.data();
}

async fn write(client: &Client, path: &str, message: &str, private: bool) -> Value {
    let sent = json!({"message": message, "sender_type": "agent", "private": private});
    client.post(&format!("{path}/messages"), &sent).await.data()
}

/// An agent who may do this, but reads no conversation.
async fn outsider(scene: &Scene, permission: &str) -> Client {
    scene.wire.holder(&scene.admin, &["conversations:read", permission]).await
}

/// Subscribes to the scene's conversation.
async fn listening(scene: &Scene) -> Socket {
    scene.wire.desk.quiet().await;
    let mut socket = Socket(scene.kim.socket("/ws").await.unwrap());
    let uuid = scene.visitor.conversation;
    socket.send(&json!({"type": "conversation_subscribe", "data": {"conversation_uuid": uuid}})).await;
    socket.text("ping").await;
    socket.heard_until("pong").await;
    socket
}

#[tokio::test]
async fn a_conversations_attributes_are_replaced() {
    let scene = scene().await;
    let Scene { admin, kim, path, .. } = &scene;
    define(admin, "conversation", "Order", "text").await;
    define(admin, "conversation", "urgent", "checkbox").await;
    let set = async |values: Value| {
        assert_eq!(kim.put(&format!("{path}/custom-attributes"), &values).await.data(), true);
        kim.get(path).await.data()["custom_attributes"].clone()
    };
    assert_eq!(set(json!({"order": "A-1", "urgent": true})).await, json!({"Order": "A-1", "urgent": true}));
    let version = kim.get(path).await.data()["muster"]["version"].clone();
    assert_eq!(set(json!({"Order": "A-1", "urgent": true})).await, json!({"Order": "A-1", "urgent": true}));
    assert_eq!(kim.get(path).await.data()["muster"]["version"], version);
    assert_eq!(set(json!({"urgent": false})).await, json!({"urgent": false}));
    assert_eq!(set(json!({})).await, json!({}));
}

#[tokio::test]
async fn a_contacts_attributes_are_merged() {
    let scene = scene().await;
    let Scene { admin, kim, path, .. } = &scene;
    define(admin, "contact", "tier", "text").await;
    define(admin, "contact", "seats", "number").await;
    let merge = async |values: Value| {
        assert_eq!(kim.put(&format!("{path}/contacts/custom-attributes"), &values).await.data(), true);
        kim.get(path).await.data()["contact"]["custom_attributes"].clone()
    };
    assert_eq!(merge(json!({"tier": "gold"})).await, json!({"tier": "gold"}));
    assert_eq!(merge(json!({"seats": 7})).await, json!({"seats": 7, "tier": "gold"}));
    assert_eq!(merge(json!({"TIER": null})).await, json!({"seats": 7}));
    assert_eq!(kim.get(path).await.data()["custom_attributes"], json!({}));
}

#[tokio::test]
async fn deviation_attributes_that_do_not_fit_are_refused() {
    let scene = scene().await;
    let Scene { admin, kim, path, .. } = &scene;
    define(admin, "conversation", "count", "number").await;
    define(admin, "contact", "seats", "number").await;
    let stranger = outsider(&scene, "conversations:update_tags").await;
    scene.wire.desk.quiet().await;
    let before = scene.wire.desk.digest().await;
    for (route, values) in [
        ("custom-attributes", json!({"count": "many"})),
        ("custom-attributes", json!({"unknown": 1})),
        ("custom-attributes", json!({"count": 1, "seats": 1})),
        ("contacts/custom-attributes", json!({"seats": "many"})),
        ("contacts/custom-attributes", json!({"count": 1})),
    ] {
        let answer = kim.put(&format!("{path}/{route}"), &values).await;
        answer.refuses(400, "InputException", "Invalid `custom_attributes`");
    }
    for route in ["custom-attributes", "contacts/custom-attributes"] {
        let answer = stranger.put(&format!("{path}/{route}"), &json!({})).await;
        answer.refuses(403, "PermissionException", "Permission denied");
        let answer = admin.put(&format!("{CONVERSATIONS}/{UNKNOWN}/{route}"), &json!({})).await;
        answer.refuses(404, "NotFoundException", "Conversation not found");
    }
    assert_eq!(scene.wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
}

#[tokio::test]
async fn participants_stand_in_the_order_in_which_they_began() {
    let scene = scene().await;
    let Scene { admin, kim, path, .. } = &scene;
    admin.put(&format!("{path}/priority"), &json!({"priority": "High"})).await.data();
    write(kim, path, "<p>Hi</p>", false).await;
    write(admin, path, "<p>note</p>", true).await;
    let people = kim.get(&format!("{path}/participants")).await.data();
    let named: Vec<_> = people.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
    let ada = admin.get("/api/v1/agents/me").await.data()["id"].as_i64().unwrap();
    assert_eq!(named, [scene.visitor.contact.0, ada, scene.agent.id.0]);
    assert_eq!(people[2], json!({"id": scene.agent.id.0, "first_name": "Kim", "last_name": "", "avatar_url": null}));
    let stranger = outsider(&scene, "conversations:update_tags").await;
    let answer = stranger.get(&format!("{path}/participants")).await;
    answer.refuses(403, "PermissionException", "Permission denied");
}

/// The unread count that a list shows, and how many messages stand behind the mark that it means.
async fn unread(client: &Client) -> i64 {
    client.get(&format!("{CONVERSATIONS}/all")).await.data()["results"][0]["unread_message_count"].as_i64().unwrap()
}

async fn total(client: &Client, path: &str) -> i64 {
    client.get(&format!("{path}/messages")).await.data()["total"].as_i64().unwrap()
}

#[tokio::test]
async fn what_is_unread_equals_a_recount() {
    let scene = scene().await;
    let Scene { admin, kim, path, .. } = &scene;
    let mark = async |route: &str| assert_eq!(kim.put(&format!("{path}/{route}"), &json!({})).await.data(), true);
    assert_eq!(unread(kim).await, total(kim, path).await);
    mark("mark-unread").await;
    assert_eq!(unread(kim).await, total(kim, path).await, "nothing was read yet");
    mark("last-seen").await;
    assert_eq!(unread(kim).await, 0);
    mark("mark-unread").await;
    mark("mark-unread").await;
    assert_eq!(unread(kim).await, 1);
    let read = total(kim, path).await - 1;
    write(admin, path, "<p>One</p>", false).await;
    admin.put(&format!("{path}/priority"), &json!({"priority": "Low"})).await.data();
    write(admin, path, "<p>Two</p>", true).await;
    assert_eq!(unread(kim).await, total(kim, path).await - read);
    mark("mark-unread").await;
    assert_eq!(unread(kim).await, total(kim, path).await - read, "the mark never moves forward");
    mark("last-seen").await;
    assert_eq!(unread(kim).await, 0);
    assert_eq!(unread(admin).await, total(admin, path).await.min(10));
}

#[tokio::test]
async fn a_note_is_taken_back_by_whoever_may_write() {
    let scene = scene().await;
    let Scene { admin, kim, path, wire, .. } = &scene;
    let minute = Duration::from_secs(60);
    wire.desk.advance(minute).await;
    let later = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await.conversation;
    wire.desk.advance(minute).await;
    let latest = async || kim.get(&format!("{CONVERSATIONS}/all")).await.data()["results"][0]["uuid"].clone();
    assert_eq!(latest().await, json!(later));
    let note = write(admin, path, "<p>A secret word</p>", true).await;
    let at = format!("{path}/messages/{}", note["uuid"].as_str().unwrap());
    assert_eq!(kim.get(path).await.data()["last_message"], "A secret word");
    assert_eq!(latest().await, json!(scene.visitor.conversation));
    let mut socket = listening(&scene).await;
    assert_eq!(kim.delete(&at).await.data(), json!({"content": "This note was deleted"}));
    let told = socket.frame_of("message_update").await;
    let meta = json!({"deleted_at": "2026-01-05T09:02:00Z"});
    let expected = json!({"conversation_uuid": scene.visitor.conversation, "uuid": note["uuid"], "meta": meta, "status": "sent",
                          "content": "This note was deleted", "text_content": "This note was deleted"});
    assert_eq!(told, expected);
    let shown = kim.get(&at).await.data();
    assert_eq!((&shown["content"], &shown["meta"]), (&json!("This note was deleted"), &meta));
    assert_eq!((&shown["private"], &shown["seq"]), (&json!(true), &note["seq"]));
    let conversation = kim.get(path).await.data();
    assert_eq!(
        (&conversation["last_message"], &conversation["last_message_sender"]),
        (&json!("Hello"), &json!("contact"))
    );
    assert_eq!(latest().await, json!(later), "it is where it was");
    kim.delete(&at).await.refuses(404, "NotFoundException", "Not found");
}

#[tokio::test]
async fn an_older_note_that_is_taken_back_leaves_the_last_message() {
    let scene = scene().await;
    let Scene { kim, path, .. } = &scene;
    let note = write(kim, path, "<p>A secret word</p>", true).await;
    write(kim, path, "<p>Bye</p>", false).await;
    kim.delete(&format!("{path}/messages/{}", note["uuid"].as_str().unwrap())).await.data();
    assert_eq!(kim.get(path).await.data()["last_message"], "Bye");
}

#[tokio::test]
async fn deviation_only_notes_are_taken_back() {
    let scene = scene().await;
    let Scene { admin, kim, path, wire, .. } = &scene;
    kim.put(&format!("{path}/priority"), &json!({"priority": "Low"})).await.data();
    let reply = write(kim, path, "<p>Hi</p>", false).await;
    let note = write(kim, path, "<p>note</p>", true).await["uuid"].as_str().unwrap().to_owned();
    let stranger = outsider(&scene, "messages:write").await;
    let other = wire.desk.visitor(&wire.desk.inbox().await, "Other").await.conversation;
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let activities = kim.get(&format!("{path}/messages?type=activity")).await.data();
    for uuid in [&activities["results"][0]["uuid"], &reply["uuid"], &json!(UNKNOWN)] {
        let answer = kim.delete(&format!("{path}/messages/{}", uuid.as_str().unwrap())).await;
        answer.refuses(404, "NotFoundException", "Not found");
    }
    let answer = admin.delete(&format!("{CONVERSATIONS}/{other}/messages/{note}")).await;
    answer.refuses(404, "NotFoundException", "Not found");
    let answer = stranger.delete(&format!("{path}/messages/{note}")).await;
    answer.refuses(403, "PermissionException", "Permission denied");
    let answer = admin.delete(&format!("{CONVERSATIONS}/{UNKNOWN}/messages/{note}")).await;
    answer.refuses(404, "NotFoundException", "Conversation not found");
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
}

#[tokio::test]
async fn an_own_failed_reply_is_sent_again() {
    let scene = scene().await;
    let Scene { admin, kim, path, wire, .. } = &scene;
    let reply = write(kim, path, "<p>Hi</p>", false).await["uuid"].as_str().unwrap().to_owned();
    let at = format!("{path}/messages/{reply}");
    kim.put(&format!("{at}/retry"), &json!({})).await.refuses(400, "InputException", "Bad request");
    wire.desk.fails_to_send(reply.parse().unwrap()).await;
    assert_eq!(kim.get(&at).await.data()["status"], "failed");
    let inbox = admin.get(path).await.data()["inbox_id"].clone();
    let toggle = format!("/api/v1/inboxes/{inbox}/toggle");
    admin.put(&toggle, &json!({})).await.data();
    kim.put(&format!("{at}/retry"), &json!({})).await.refuses(400, "InputException", "Inbox is disabled");
    assert_eq!(kim.get(&at).await.data()["status"], "failed");
    admin.put(&toggle, &json!({})).await.data();
    admin.put(&format!("{at}/retry"), &json!({})).await.refuses(400, "InputException", "Bad request");
    let elsewhere = format!("{path}/messages/{UNKNOWN}/retry");
    kim.put(&elsewhere, &json!({})).await.refuses(400, "InputException", "Bad request");
    let mut socket = listening(&scene).await;
    assert_eq!(kim.put(&format!("{at}/retry"), &json!({})).await.data(), true);
    let told = socket.frame_of("message_update").await;
    let expected = json!({"conversation_uuid": scene.visitor.conversation, "uuid": reply, "status": "sent"});
    assert_eq!(told, expected);
    assert_eq!(kim.get(&at).await.data()["status"], "sent");
}

#[tokio::test]
async fn variables_in_a_reply_are_filled_in() {
    let scene = scene().await;
    let Scene { admin, kim, wire, .. } = &scene;
    let inbox = wire.desk.inbox().await;
    let begun = json!({"inbox_id": inbox.id.0, "contact_email": "zoe@example.org", "first_name": "Zoe <b>", "last_name": "Moss",
                       "subject": "Lamp & cord", "content": "<p>Hi</p>", "initiator": "contact"});
    let begun = admin.post(CONVERSATIONS, &begun).await.data();
    let path = format!("{CONVERSATIONS}/{}", begun["uuid"].as_str().unwrap());
    let text = "<p>Dear {{ .Contact.FirstName }}, #{{.Conversation.ReferenceNumber}} {{ .Conversation.Subject }} \
                {{ .Recipient.Email }} {{ .Author.FullName }} {{ .Nonsense }}</p>";
    let sent = write(kim, &path, text, false).await;
    let number = begun["reference_number"].as_str().unwrap();
    let expected = format!("Dear Zoe <b>, #{number} Lamp & cord zoe@example.org Kim {{{{ .Nonsense }}}}");
    assert_eq!(sent["text_content"], expected);
    assert!(sent["content"].as_str().unwrap().contains("Dear Zoe &lt;b&gt;,"), "{sent}");
    let note = write(kim, &path, "<p>{{ .Contact.FullName }}</p>", true).await;
    assert_eq!(note["text_content"], "Zoe <b> Moss");
}

#[tokio::test]
async fn a_transcript_holds_what_the_contact_knows() {
    let scene = scene().await;
    let Scene { kim, path, .. } = &scene;
    write(kim, path, "<p>Hi <b>there</b></p>", false).await;
    write(kim, path, "<p>a note</p>", true).await;
    let answer = kim.get(&format!("{path}/transcript")).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"conversation-100.txt\""));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let at = "2026-01-05T09:00:00Z";
    let contact = kim.get(path).await.data()["contact"].clone();
    let contact = format!("{} {}", contact["first_name"].as_str().unwrap(), contact["last_name"].as_str().unwrap());
    let expected = format!(
        "Conversation #100\nContact: {contact}\nStarted: {at}\n\n[{at}] {contact}:\nHello\n\n[{at}] Kim:\nHi there\n"
    );
    assert_eq!(answer.text(), expected);
    let stranger = outsider(&scene, "messages:read").await;
    let answer = stranger.get(&format!("{path}/transcript")).await;
    answer.refuses(403, "PermissionException", "Permission denied");
    let answer = kim.get(&format!("{CONVERSATIONS}/{UNKNOWN}/transcript")).await;
    answer.refuses(404, "NotFoundException", "Conversation not found");
}

#[tokio::test]
async fn messages_are_listed_by_kind_the_newest_first() {
    let scene = scene().await;
    let Scene { kim, path, .. } = &scene;
    write(kim, path, "<p>Hi</p>", false).await;
    write(kim, path, "<p>note</p>", true).await;
    kim.put(&format!("{path}/priority"), &json!({"priority": "Low"})).await.data();
    let texts = async |query: &str| {
        let page = kim.get(&format!("{path}/messages?{query}")).await.data();
        let texts: Vec<_> = page["results"].as_array().unwrap().iter().map(|one| one["text_content"].clone()).collect();
        texts
    };
    assert_eq!(texts("private=false").await, ["Hi", "Hello"]);
    assert_eq!(texts("type=outgoing&private=true").await, ["note"]);
    assert_eq!(texts("type=outgoing&type=incoming").await, ["note", "Hi", "Hello"]);
    assert_eq!(texts("type=activity&page_size=1").await, ["Kim set priority to Low"]);
    assert_eq!(texts("private=true&type=incoming").await, Vec::<Value>::new());
}

#[tokio::test]
async fn deviation_a_parked_conversation_wakes_on_time() {
    let scene = scene().await;
    let Scene { admin, kim, path, wire, .. } = &scene;
    admin.post("/api/v1/statuses", &json!({"name": "Waiting for parts", "category": "waiting"})).await.data();
    let park = json!({"status": "Waiting for parts", "snoozed_until": "90m"});
    kim.put(&format!("{path}/status"), &park).await.data();
    let parked = kim.get(path).await.data();
    assert_eq!(parked["snoozed_until"], "2026-01-05T10:30:00Z");
    wire.desk.advance(Duration::from_secs(89 * 60)).await;
    assert_eq!(kim.get(path).await.data()["status"], "Waiting for parts");
    let mut socket = listening(&scene).await;
    wire.desk.advance(Duration::from_secs(60)).await;
    let woken = kim.get(path).await.data();
    assert_eq!((&woken["status"], &woken["snoozed_until"]), (&json!("Open"), &Value::Null));
    let activities = kim.get(&format!("{path}/messages?type=activity")).await.data();
    let texts: Vec<_> = activities["results"].as_array().unwrap().iter().map(|one| &one["text_content"]).collect();
    assert!(texts.contains(&&json!("System marked the conversation as Open")), "{texts:?}");
    let told = socket.frame_of("conversation_update").await;
    assert_eq!((&told["uuid"], &told["status"]), (&json!(scene.visitor.conversation), &json!("Open")));
    let told = socket.frame_of("conversation_update").await;
    assert_eq!(told, json!({"uuid": scene.visitor.conversation, "snoozed_until": null}));
}

/// Three conversations beside the scene's own.
async fn several(scene: &Scene) -> Vec<String> {
    let inbox = scene.wire.desk.inbox().await;
    let mut uuids = Vec::new();
    for _ in 0..3 {
        uuids.push(scene.wire.desk.visitor(&inbox, "Hello").await.conversation.to_string());
    }
    scene.wire.desk.quiet().await;
    uuids
}

async fn bulk(client: &Client, uuids: &[String], action: &str, value: Value) -> Value {
    let mut body = json!({"uuids": uuids, "action": action});
    if !value.is_null() {
        body["value"] = value;
    }
    client.post(&format!("{CONVERSATIONS}/bulk"), &body).await.data()
}

fn all_done(uuids: &[String]) -> Value {
    uuids.iter().map(|uuid| json!({"uuid": uuid, "done": true, "message": null, "error_type": null})).collect()
}

#[tokio::test]
async fn one_thing_is_done_to_many() {
    let scene = scene().await;
    let Scene { admin, kim, wire, agent, .. } = &scene;
    admin.post("/api/v1/tags", &json!({"name": "billing"})).await.data();
    let team = wire.desk.team("Support").await;
    let uuids = several(&scene).await;
    let field = async |name: &str| {
        let mut found = Vec::new();
        for uuid in &uuids {
            found.push(kim.get(&format!("{CONVERSATIONS}/{uuid}")).await.data()[name].clone());
        }
        found
    };
    for (action, value, name, shown) in [
        ("set_priority", json!("high"), "priority", json!("High")),
        ("assign_team", json!(team.0), "assigned_team_id", json!(team.0)),
        ("assign_user", json!(agent.id.0), "assigned_user_id", json!(agent.id.0)),
        ("unassign_user", Value::Null, "assigned_user_id", Value::Null),
        ("unassign_team", Value::Null, "assigned_team_id", Value::Null),
        ("set_tags", json!(["billing"]), "tags", json!(["billing"])),
        ("remove_tags", json!(["billing"]), "tags", json!([])),
        ("add_tags", json!(["billing", "unknown"]), "tags", json!(["billing"])),
        ("set_status", json!("Resolved"), "status", json!("Resolved")),
    ] {
        assert_eq!(bulk(kim, &uuids, action, value).await, all_done(&uuids), "{action}");
        assert_eq!(field(name).await, vec![shown; 3], "{action}");
    }
    assert_eq!(bulk(kim, &uuids, "mark_seen", Value::Null).await, all_done(&uuids));
    assert_eq!(bulk(kim, &uuids, "mark_unread", Value::Null).await, all_done(&uuids));
    let snooze = json!({"uuids": uuids, "action": "set_status", "value": "Snoozed", "snoozed_until": "1h"});
    assert_eq!(kim.post(&format!("{CONVERSATIONS}/bulk"), &snooze).await.data(), all_done(&uuids));
    assert_eq!(field("snoozed_until").await, vec![json!("2026-01-05T10:00:00Z"); 3]);
}

#[tokio::test]
async fn what_can_not_be_done_to_one_is_told_and_done_to_the_others() {
    let scene = scene().await;
    let Scene { admin, kim, wire, .. } = &scene;
    let mut uuids = several(&scene).await;
    uuids.insert(1, UNKNOWN.to_owned());
    uuids.push(uuids[0].clone());
    let outcomes = bulk(kim, &uuids, "set_priority", json!("Low")).await;
    assert_eq!(outcomes.as_array().unwrap().len(), 4);
    let absent = json!({"uuid": UNKNOWN, "done": false, "message": "Conversation not found",
                        "error_type": "NotFoundException"});
    assert_eq!((&outcomes[0]["done"], &outcomes[1], &outcomes[3]["done"]), (&json!(true), &absent, &json!(true)));
    let one = wire.desk.agent("lee").capacity(1).await;
    let outcomes = bulk(admin, &uuids, "assign_user", json!(one.id.0)).await;
    assert_eq!(outcomes[0]["done"], true);
    for full in [&outcomes[2], &outcomes[3]] {
        assert_eq!((&full["done"], &full["error_type"]), (&json!(false), &json!("ConflictException")));
        assert_eq!(full["message"], "Agent has no room for one more conversation");
    }
    let nobody = bulk(admin, &uuids[..1], "assign_user", json!(AgentId(999).0)).await;
    assert_eq!((&nobody[0]["message"], &nobody[0]["error_type"]), (&json!("User not found"), &json!("InputException")));
    let reader = wire.holder(admin, &["conversations:read", "conversations:read_all"]).await;
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let denied = bulk(&reader, &uuids[..1], "set_status", json!("Resolved")).await;
    assert_eq!(
        (&denied[0]["message"], &denied[0]["error_type"]),
        (&json!("Permission denied"), &json!("PermissionException"))
    );
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
}

#[tokio::test]
async fn a_bulk_request_that_makes_no_sense_does_nothing() {
    let scene = scene().await;
    let uuids = several(&scene).await;
    let before = scene.wire.desk.digest().await;
    let body = |action: &str, value: Value| json!({"uuids": uuids, "action": action, "value": value});
    let many: Vec<_> = (0..101).map(|_| UNKNOWN).collect();
    let names: Vec<_> = (0..101).map(|number| format!("tag {number}")).collect();
    for (body, message) in [
        (json!({"action": "mark_seen"}), "`uuids` empty"),
        (json!({"uuids": [], "action": "mark_seen"}), "`uuids` empty"),
        (json!({"uuids": many, "action": "mark_seen"}), "Invalid `uuids`"),
        (json!({"uuids": ["x"], "action": "mark_seen"}), "Invalid `uuids`"),
        (json!({"uuids": uuids}), "`action` empty"),
        (body("explode", Value::Null), "Invalid `action`"),
        (body("mark_seen", json!("x")), "Invalid `value`"),
        (body("assign_user", json!("kim")), "Invalid `value`"),
        (body("assign_team", Value::Null), "Invalid `value`"),
        (body("add_tags", json!("billing")), "Invalid `value`"),
        (body("set_priority", json!("Huge")), "Invalid `value`"),
        (body("set_status", json!("Snoozed")), "`snoozed_until` empty"),
        (body("set_status", json!(" snoozed ")), "`snoozed_until` empty"),
        (body("set_status", json!(" ")), "`value` empty"),
        (body("set_status", json!("Nowhere")), "Invalid `value`"),
        (body("add_tags", json!(names)), "Invalid `value`"),
        (
            json!({"uuids": uuids, "action": "set_priority", "value": "Low", "snoozed_until": "90m"}),
            "Invalid `snoozed_until`",
        ),
    ] {
        let answer = scene.kim.post(&format!("{CONVERSATIONS}/bulk"), &body).await;
        answer.refuses(400, "InputException", message);
    }
    assert_eq!(scene.wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
}
