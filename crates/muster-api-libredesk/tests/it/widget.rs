//! What chat widgets call.

use muster_app::inboxes::InboxPatch;
use muster_core::actor::Caller;
use muster_core::inbox::Inbox;
use muster_testkit::Client;
use serde_json::{Value, json};

use crate::mask::masked;
use crate::support::{Said as _, Wire};

const W: &str = "/api/v1/widget/chat";

/// A desk with a chat inbox, and a widget that stands for it without a session.
async fn desk() -> (Wire, Inbox, Client) {
    let (wire, _) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let widget = wire.nobody().header("x-libredesk-inbox-id", &inbox.uuid.to_string());
    (wire, inbox, widget)
}

async fn configure(wire: &Wire, inbox: &Inbox, config: Value) {
    let patch = InboxPatch { config: Some(config), ..InboxPatch::default() };
    wire.desk.app.update_inbox(&Caller::operator(), inbox.id, patch).await.unwrap();
}

fn path(rest: &str) -> String {
    format!("{W}{rest}")
}

/// Starts a chat, and gives the widget with its session and the chat's UUID.
async fn started(widget: &Client, message: &str) -> (Client, String) {
    let chat = widget.post(&path("/conversations/init"), &json!({"message": message})).await.data();
    let token = chat["session_token"].as_str().unwrap();
    let known = widget.clone().header("authorization", &format!("Bearer {token}"));
    (known, chat["conversation"]["uuid"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn any_page_may_read_the_launcher_and_nothing_else() {
    let (_wire, inbox, widget) = desk().await;
    insta::assert_snapshot!(masked(&widget.get(&path("/settings/launcher")).await), @r##"
    200
    access-control-allow-origin: *
    content-type: application/json; charset=utf-8
    x-ratelimit-limit: 100
    x-ratelimit-remaining: 99
    x-ratelimit-reset: 1767603660
    {
      "status":"success",
      "data":{
        "launcher":{
          "spacing":{
            "side":20,
            "bottom":20
          },
          "logo_url":"",
          "position":"right",
          "color":"#2563eb"
        },
        "colors":{
          "primary":"#2563eb"
        }
      }
    }
    "##);
    let named = format!("{W}/settings?inbox_id={}", inbox.uuid);
    let settings = widget.get(&named).await;
    assert_eq!(settings.header("access-control-allow-origin"), None);
    let keys: Vec<String> = settings.data().as_object().unwrap().keys().cloned().collect();
    for hidden in ["trusted_domains", "blocked_ips", "continuity", "session_duration"] {
        assert!(!keys.iter().any(|key| key == hidden), "{hidden}");
    }
    assert_eq!(keys.len(), 24);
}

#[tokio::test]
async fn deviation_a_missing_answer_is_refused_with_400() {
    let (wire, inbox, widget) = desk().await;
    let field = |key: &str, enabled: bool, attribute: i64| json!({"key": key, "enabled": enabled, "required": true, "custom_attribute_id": attribute});
    let fields = json!([field("name", true, 0), field("email", false, 0), field("plan", true, 7)]);
    configure(&wire, &inbox, json!({"prechat_form": {"enabled": true, "fields": fields}})).await;
    let settings = widget.get(&path("/settings")).await.data();
    let asked = settings["prechat_form"]["fields"].as_array().unwrap();
    assert_eq!(asked.iter().map(|field| field["key"].as_str().unwrap()).collect::<Vec<_>>(), ["name"]);
    let missing = widget.post(&path("/conversations/init"), &json!({"message": "Hi"})).await;
    missing.refuses(400, "InputException", "`form_data` empty");
    let told = json!({"message": "Hi", "form_data": {"name": "Zoe Moss"}});
    let chat = widget.post(&path("/conversations/init"), &told).await.data();
    assert_eq!((&chat["user"]["first_name"], &chat["user"]["last_name"]), (&json!("Zoe"), &json!("Moss")));
}

#[tokio::test]
async fn a_form_asks_for_attributes_as_they_are_defined() {
    let (wire, inbox, widget) = desk().await;
    let admin = wire.client(&wire.desk.agent("root").role("Admin").await);
    let mut ids = Vec::new();
    for (key, scope, kind) in [("plan", "contact", "list"), ("order", "conversation", "number")] {
        let attribute = json!({"name": key.to_uppercase(), "description": "Asked", "applies_to": scope, "key": key,
                               "data_type": kind, "values": if kind == "list" { json!(["Free", "Paid"]) } else { json!([]) }});
        let created = admin.post("/api/v1/custom-attributes", &attribute).await.data();
        ids.push(created["id"].as_i64().unwrap());
    }
    let field = |key: &str, id: i64| {
        json!({"key": key, "label": "old", "type": "text", "enabled": true,
                                            "required": true, "custom_attribute_id": id})
    };
    let fields = json!([field("plan", ids[0]), field("order", ids[1]), field("gone", 99)]);
    configure(&wire, &inbox, json!({"prechat_form": {"enabled": true, "fields": fields}})).await;
    let settings = widget.get(&path("/settings")).await.data();
    let asked = settings["prechat_form"]["fields"].as_array().unwrap();
    let asked: Vec<_> = asked.iter().map(|field| (&field["key"], &field["label"], &field["type"])).collect();
    let (plan, order) =
        ((json!("plan"), json!("PLAN"), json!("list")), (json!("order"), json!("ORDER"), json!("number")));
    assert_eq!(asked, [(&plan.0, &plan.1, &plan.2), (&order.0, &order.1, &order.2)]);
    let choices = json!({ids[0].to_string(): {"id": ids[0], "values": ["Free", "Paid"]},
                         ids[1].to_string(): {"id": ids[1], "values": []}});
    assert_eq!(settings["custom_attributes"], choices);

    let init = path("/conversations/init");
    let missing = json!({"message": "Hi", "form_data": {"plan": "Paid"}});
    widget.post(&init, &missing).await.refuses(400, "InputException", "`form_data` empty");
    let told = json!({"message": "Hi", "form_data": {"plan": "Paid", "order": 17, "gone": "x", "other": "y"}});
    let chat = widget.post(&init, &told).await.data();
    let shown = format!("/api/v1/conversations/{}", chat["conversation"]["uuid"].as_str().unwrap());
    let shown = admin.get(&shown).await.data();
    assert_eq!(shown["custom_attributes"], json!({"order": 17}));
    assert_eq!(shown["contact"]["custom_attributes"], json!({"plan": "Paid"}));
}

#[tokio::test]
async fn office_hours_are_shown_where_the_inbox_says_so() {
    let (wire, inbox, widget) = desk().await;
    let admin = wire.client(&wire.desk.agent("root").role("Admin").await);
    let hours = json!({"name": "Days", "hours": {"Monday": {"open": "09:00", "close": "17:00"}},
                       "holidays": [{"name": "New Year", "date": "2027-01-01"}]});
    let days = admin.post("/api/v1/business-hours", &hours).await.data();
    let nights = admin.post("/api/v1/business-hours", &json!({"name": "Nights", "is_always_open": true})).await.data();
    let desk = json!({"app.timezone": "Europe/Berlin", "app.business_hours_id": days["id"].to_string()});
    admin.put("/api/v1/settings/general", &desk).await.data();
    let hidden = widget.get(&path("/settings")).await.data();
    for key in ["business_hours", "default_business_hours_id", "working_hours_utc_offset"] {
        assert_eq!(hidden.get(key), None, "{key}");
    }
    configure(&wire, &inbox, json!({"show_office_hours_in_chat": true})).await;
    let shown = widget.get(&path("/settings")).await.data();
    assert_eq!(shown["business_hours"].as_array().unwrap().len(), 2);
    assert_eq!((&shown["default_business_hours_id"], &shown["working_hours_utc_offset"]), (&days["id"], &json!(60)));

    let team = wire.desk.team("Support").await;
    let change = json!({"name": "Support", "timezone": "America/New_York", "business_hours_id": nights["id"]});
    admin.put(&format!("/api/v1/teams/{team}"), &change).await.data();
    let (zoe, uuid) = started(&widget, "Hello").await;
    let chat = path(&format!("/conversations/{uuid}"));
    let without = zoe.get(&chat).await.data();
    assert_eq!((&without["business_hours_id"], &without["working_hours_utc_offset"]), (&Value::Null, &Value::Null));
    let assign = json!({"assignee_id": team.0});
    admin.put(&format!("/api/v1/conversations/{uuid}/assignee/team"), &assign).await.data();
    let with = zoe.get(&chat).await.data();
    assert_eq!((&with["business_hours_id"], &with["working_hours_utc_offset"]), (&nights["id"], &json!(-300)));
}

#[tokio::test]
async fn a_widget_has_to_name_an_open_chat_inbox() {
    let (wire, inbox, widget) = desk().await;
    let nobody = wire.nobody();
    let unknown = "00000000-0000-4000-8000-000000000000";
    for rest in ["/settings/launcher", "/settings", "/auth/me", "/conversations"] {
        nobody.get(&path(rest)).await.refuses(400, "InputException", "Inbox Required");
        for id in ["1", unknown] {
            let answer = nobody.get(&format!("{W}{rest}?inbox_id={id}")).await;
            answer.refuses(400, "InputException", "Inbox not found");
        }
    }
    let disabled = InboxPatch { enabled: Some(false), ..InboxPatch::default() };
    wire.desk.app.update_inbox(&Caller::operator(), inbox.id, disabled).await.unwrap();
    widget.get(&path("/settings")).await.refuses(400, "InputException", "Inbox not found");
}

#[tokio::test]
async fn a_blocked_address_is_refused() {
    let (wire, inbox, widget) = desk().await;
    configure(&wire, &inbox, json!({"blocked_ips": ["127.0.0.0/8"]})).await;
    for rest in ["/settings/launcher", "/settings", "/conversations"] {
        widget.get(&path(rest)).await.refuses(403, "PermissionException", "Access denied");
    }
}

#[tokio::test]
async fn a_first_message_makes_a_visitor() {
    let (_wire, _inbox, widget) = desk().await;
    let answer = widget.post(&path("/conversations/init"), &json!({"message": "Hello <there>"})).await;
    insta::assert_snapshot!(masked(&answer), @r#"
    200
    content-type: application/json; charset=utf-8
    x-ratelimit-limit: 100
    x-ratelimit-remaining: 99
    x-ratelimit-reset: 1767603660
    {
      "status":"success",
      "data":{
        "conversation":{
          "created_at":"2026-01-05T09:00:00Z",
          "uuid":"[drawn 1]",
          "status":"Open",
          "last_message":{
            "content":"Hello <there>",
            "created_at":"2026-01-05T09:00:00Z",
            "author":{
              "id":3,
              "first_name":"Guest",
              "last_name":"100",
              "email":null,
              "avatar_url":null,
              "availability_status":"offline",
              "type":"visitor",
              "last_active_at":null
            }
          },
          "unread_message_count":0,
          "assignee":null
        },
        "messages":[
          {
            "uuid":"[drawn 2]",
            "status":"received",
            "conversation_uuid":"[drawn 1]",
            "created_at":"2026-01-05T09:00:00Z",
            "content":"Hello &lt;there&gt;",
            "text_content":"Hello <there>",
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
            "attachments":[],
            "meta":{},
            "seq":1
          }
        ],
        "business_hours_id":null,
        "working_hours_utc_offset":null,
        "muster":{
          "queue_position":1
        },
        "session_token":"[drawn 3]",
        "user":{
          "user_id":3,
          "is_visitor":true,
          "first_name":"Guest",
          "last_name":"100"
        }
      }
    }
    "#);
}

#[tokio::test]
async fn a_session_shows_and_starts_only_its_own_chats() {
    let (_wire, _inbox, widget) = desk().await;
    let (zoe, first) = started(&widget, "First").await;
    let (max, foreign) = started(&widget, "Foreign").await;
    insta::assert_snapshot!(masked(&zoe.get(&path("/auth/me")).await), @r#"
    200
    content-type: application/json; charset=utf-8
    x-ratelimit-limit: 100
    x-ratelimit-remaining: 97
    x-ratelimit-reset: 1767603660
    {
      "status":"success",
      "data":{
        "user_id":3,
        "is_visitor":true,
        "first_name":"Guest",
        "last_name":"100"
      }
    }
    "#);
    let again = zoe.post(&path("/conversations/init"), &json!({"message": "Second"})).await.data();
    assert!(again.get("session_token").is_none() && again.get("user").is_none(), "{again}");
    let chats = zoe.get(&path("/conversations")).await.data();
    let uuids: Vec<&str> = chats.as_array().unwrap().iter().map(|chat| chat["uuid"].as_str().unwrap()).collect();
    assert!(uuids.len() == 2 && uuids.contains(&first.as_str()), "{chats}");
    for (rest, sent) in
        [("", None), ("/message", Some(json!({"message": "x"}))), ("/update-last-seen", Some(json!({})))]
    {
        let foreign = path(&format!("/conversations/{foreign}{rest}"));
        let answer = match sent {
            Some(sent) => zoe.post(&foreign, &sent).await,
            None => zoe.get(&foreign).await,
        };
        answer.refuses(403, "PermissionException", "Permission denied");
    }
    assert_eq!(max.get(&path("/conversations")).await.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_good_session_nothing_is_shown() {
    let (wire, _inbox, widget) = desk().await;
    let (zoe, uuid) = started(&widget, "Hello").await;
    let other = wire.desk.inbox().await;
    let elsewhere = zoe.clone().header("x-libredesk-inbox-id", &other.uuid.to_string());
    let wrong = widget.clone().header("authorization", "Bearer nonsense");
    wire.desk.quiet().await;
    let digest = wire.desk.digest().await;
    for client in [&widget, &wrong, &elsewhere] {
        for rest in ["/auth/me".to_owned(), "/conversations".to_owned(), format!("/conversations/{uuid}")] {
            client.get(&path(&rest)).await.refuses(401, "UnauthorizedException", "Unauthorized");
        }
        let sent = json!({"message": "x"});
        let send = client.post(&path(&format!("/conversations/{uuid}/message")), &sent).await;
        send.refuses(401, "UnauthorizedException", "Unauthorized");
    }
    let start = wrong.post(&path("/conversations/init"), &json!({"message": "x"})).await;
    start.refuses(401, "UnauthorizedException", "Unauthorized");
    assert_eq!(wire.desk.digest().await, digest);
}

#[tokio::test]
async fn a_chat_shows_what_is_public_the_oldest_first() {
    let (wire, _inbox, widget) = desk().await;
    let lee = wire.desk.agent("lee").await;
    let (zoe, uuid) = started(&widget, "Hello").await;
    wire.desk.quiet().await;
    let (agent, conversation) = (wire.client(&lee), format!("/api/v1/conversations/{uuid}"));
    let assign = json!({"assignee_id": lee.id.0});
    agent.put(&format!("{conversation}/assignee/user"), &assign).await.data();
    for (message, private) in [("<p>Secret</p>", true), ("<p>Good <b>day</b></p>", false)] {
        let sent = json!({"message": message, "sender_type": "agent", "private": private});
        agent.post(&format!("{conversation}/messages"), &sent).await.data();
    }
    let chat = path(&format!("/conversations/{uuid}"));
    insta::assert_snapshot!(masked(&zoe.get(&chat).await), @r#"
    200
    content-type: application/json; charset=utf-8
    x-ratelimit-limit: 100
    x-ratelimit-remaining: 98
    x-ratelimit-reset: 1767603660
    {
      "status":"success",
      "data":{
        "conversation":{
          "created_at":"2026-01-05T09:00:00Z",
          "uuid":"[drawn 1]",
          "status":"Open",
          "last_message":{
            "content":"Good day",
            "created_at":"2026-01-05T09:00:00Z",
            "author":{
              "id":3,
              "first_name":"Lee",
              "last_name":"",
              "email":null,
              "avatar_url":null,
              "availability_status":"offline",
              "type":"agent",
              "last_active_at":null
            }
          },
          "unread_message_count":1,
          "assignee":{
            "id":3,
            "first_name":"Lee",
            "last_name":"",
            "avatar_url":null,
            "availability_status":"offline",
            "type":"agent",
            "active_at":null
          }
        },
        "messages":[
          {
            "uuid":"[drawn 2]",
            "status":"received",
            "conversation_uuid":"[drawn 1]",
            "created_at":"2026-01-05T09:00:00Z",
            "content":"Hello",
            "text_content":"Hello",
            "author":{
              "id":4,
              "first_name":"Guest",
              "last_name":"100",
              "email":null,
              "avatar_url":null,
              "availability_status":"offline",
              "type":"visitor",
              "last_active_at":null
            },
            "attachments":[],
            "meta":{},
            "seq":1
          },
          {
            "uuid":"[drawn 3]",
            "status":"sent",
            "conversation_uuid":"[drawn 1]",
            "created_at":"2026-01-05T09:00:00Z",
            "content":"<p>Good <b>day</b></p>",
            "text_content":"Good day",
            "author":{
              "id":3,
              "first_name":"Lee",
              "last_name":"",
              "email":null,
              "avatar_url":null,
              "availability_status":"offline",
              "type":"agent",
              "last_active_at":null
            },
            "attachments":[],
            "meta":{},
            "seq":4
          }
        ],
        "business_hours_id":null,
        "working_hours_utc_offset":null,
        "muster":{
          "queue_position":null
        }
      }
    }
    "#);
    assert_eq!(zoe.post(&format!("{chat}/update-last-seen"), &json!({})).await.data(), json!(true));
    assert_eq!(zoe.get(&chat).await.data()["conversation"]["unread_message_count"], 0);
}

#[tokio::test]
async fn deviation_a_message_is_sent_once_by_its_echo() {
    let (wire, _inbox, widget) = desk().await;
    let (zoe, uuid) = started(&widget, "Hello").await;
    let send = path(&format!("/conversations/{uuid}/message"));
    let first = zoe.post(&send, &json!({"message": "It's <b>on</b> fire", "echo_id": "e-1"})).await;
    insta::assert_snapshot!(masked(&first), @r#"
    200
    content-type: application/json; charset=utf-8
    x-ratelimit-limit: 100
    x-ratelimit-remaining: 98
    x-ratelimit-reset: 1767603660
    {
      "status":"success",
      "data":{
        "uuid":"[drawn 1]",
        "status":"received",
        "conversation_uuid":"[drawn 2]",
        "created_at":"2026-01-05T09:00:00Z",
        "content":"It&#39;s &lt;b&gt;on&lt;/b&gt; fire",
        "text_content":"It's <b>on</b> fire",
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
        "attachments":[],
        "meta":{
          "echo_id":"e-1"
        },
        "seq":2
      }
    }
    "#);
    wire.desk.quiet().await;
    let digest = wire.desk.digest().await;
    let again = zoe.post(&send, &json!({"message": "again", "echo_id": "e-1"})).await;
    assert_eq!(again.data(), first.data());
    assert_eq!(wire.desk.digest().await, digest);
}

#[tokio::test]
async fn deviation_a_chat_is_started_once_by_its_echo() {
    let (wire, _inbox, widget) = desk().await;
    let (zoe, _) = started(&widget, "Hello").await;
    let init = path("/conversations/init");
    let first = zoe.post(&init, &json!({"message": "Second", "echo_id": "e-1"})).await.data();
    assert_eq!(first["messages"][0]["meta"], json!({"echo_id": "e-1"}));
    wire.desk.quiet().await;
    let digest = wire.desk.digest().await;
    assert_eq!(zoe.post(&init, &json!({"message": "again", "echo_id": "e-1"})).await.data(), first);
    assert_eq!(wire.desk.digest().await, digest);
    let other = zoe.post(&init, &json!({"message": "Third", "echo_id": "e-2"})).await.data();
    assert_ne!(other["conversation"]["uuid"], first["conversation"]["uuid"]);
}

#[tokio::test]
async fn a_message_has_one_to_ten_thousand_characters() {
    let (_wire, _inbox, widget) = desk().await;
    let (zoe, uuid) = started(&widget, &"x".repeat(10_000)).await;
    for send in [path("/conversations/init"), path(&format!("/conversations/{uuid}/message"))] {
        for empty in [json!({}), json!({"message": ""}), json!({"message": " \n"}), json!({"message": null})] {
            zoe.post(&send, &empty).await.refuses(400, "InputException", "Message Required");
        }
        let long = json!({"message": "é".repeat(10_001)});
        zoe.post(&send, &long).await.refuses(400, "InputException", "Must be at most 10000 characters");
        zoe.post(&send, &json!({"message": 7})).await.refuses(400, "InputException", "Error parsing request");
        zoe.post(&send, &json!({"message": "a\u{0}b"})).await.refuses(400, "InputException", "Error parsing request");
    }
}

#[tokio::test]
async fn deviation_a_refused_chat_is_answered_with_one_document() {
    let (_wire, _inbox, widget) = desk().await;
    let (zoe, _) = started(&widget, "Mine").await;
    let (_, foreign) = started(&widget, "Foreign").await;
    let answer = zoe.get(&path(&format!("/conversations/{foreign}"))).await;
    assert_eq!(
        answer.text(),
        r#"{"status":"error","message":"Permission denied","data":null,"error_type":"PermissionException"}"#
    );
    let unknown = path("/conversations/00000000-0000-4000-8000-000000000000");
    zoe.get(&unknown).await.refuses(404, "NotFoundException", "Conversation not found");
    zoe.get(&path("/conversations/x")).await.refuses(400, "InputException", "Something went wrong");
}

#[tokio::test]
async fn the_inbox_decides_what_visitors_may_do() {
    let (wire, inbox, widget) = desk().await;
    let (zoe, uuid) = started(&widget, "Hello").await;
    configure(
        &wire,
        &inbox,
        json!({"visitors": {"prevent_multiple_conversations": true, "prevent_reply_to_closed_conversation": true}}),
    )
    .await;
    let second = zoe.post(&path("/conversations/init"), &json!({"message": "Second"})).await;
    second.refuses(403, "PermissionException", "Multiple conversations are not allowed");
    let lee = wire.desk.agent("lee").await;
    let close = json!({"status": "Closed"});
    wire.client(&lee).put(&format!("/api/v1/conversations/{uuid}/status"), &close).await.data();
    let send = path(&format!("/conversations/{uuid}/message"));
    let closed = zoe.post(&send, &json!({"message": "Still there?"})).await;
    closed.refuses(403, "PermissionException", "This conversation has been closed");
    configure(&wire, &inbox, json!({"visitors": {"allow_start_conversation": false}})).await;
    let start = widget.post(&path("/conversations/init"), &json!({"message": "Hello"})).await;
    start.refuses(400, "InputException", "Not allowed.");
}

#[tokio::test]
async fn a_message_reopens_what_was_resolved() {
    let (wire, _inbox, widget) = desk().await;
    let (zoe, uuid) = started(&widget, "Hello").await;
    let agent = wire.client(&wire.desk.agent("lee").await);
    let conversation = format!("/api/v1/conversations/{uuid}");
    agent.put(&format!("{conversation}/status"), &json!({"status": "Resolved"})).await.data();
    zoe.post(&path(&format!("/conversations/{uuid}/message")), &json!({"message": "Again"})).await.data();
    assert_eq!(agent.get(&conversation).await.data()["status"], "Open");
}

#[tokio::test]
async fn a_visitor_starts_fifty_chats_a_day() {
    let wire = Wire::with(false).await;
    wire.desk.admin().await;
    let inbox = wire.desk.inbox().await;
    let widget = wire.nobody().header("x-libredesk-inbox-id", &inbox.uuid.to_string());
    let (zoe, _) = started(&widget, "1").await;
    for number in 2..=50 {
        zoe.post(&path("/conversations/init"), &json!({"message": number.to_string()})).await.data();
    }
    let refused = zoe.post(&path("/conversations/init"), &json!({"message": "51"})).await;
    refused.refuses(429, "RateLimitException", "Too many requests.");
}

#[tokio::test]
async fn an_address_calls_a_hundred_times_a_minute() {
    let (wire, _inbox, widget) = desk().await;
    for left in (0..100).rev() {
        let answer = widget.get(&path("/settings/launcher")).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(left.to_string().as_str()));
    }
    insta::assert_snapshot!(masked(&widget.get(&path("/settings/launcher")).await), @r#"
    429
    content-type: application/json; charset=utf-8
    retry-after: 60
    x-ratelimit-limit: 100
    x-ratelimit-remaining: 0
    x-ratelimit-reset: 1767603660
    {
      "status":"error",
      "message":"Rate limit exceeded"
    }
    "#);
    wire.desk.advance(std::time::Duration::from_secs(61)).await;
    assert_eq!(widget.get(&path("/settings")).await.status(), 200);
}
