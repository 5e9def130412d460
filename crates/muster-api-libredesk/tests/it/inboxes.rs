//! Live-chat inboxes.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const INBOXES: &str = "/api/v1/inboxes";

#[tokio::test]
async fn an_inbox_is_created_with_every_key_and_read_by_every_agent() {
    let (wire, admin) = Wire::new().await;
    let created = admin.post(INBOXES, &json!({"name": "Chat", "channel": "livechat"})).await;
    let mut data = created.data();
    let uuid = data["uuid"].take();
    assert_eq!(uuid.as_str().unwrap().len(), 36);
    assert_snapshot!(created.shown().replace(uuid.as_str().unwrap(), "<uuid>"), @r##"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "uuid":"<uuid>",
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "name":"Chat",
        "channel":"livechat",
        "enabled":true,
        "csat_enabled":false,
        "prompt_tags_on_reply":false,
        "from":"",
        "from_name_template":"",
        "config":{
          "brand_name":"",
          "website_url":"",
          "dark_mode":false,
          "show_powered_by":true,
          "language":"en-US",
          "fallback_language":"en-US",
          "users":{
            "allow_start_conversation":true,
            "prevent_multiple_conversations":false,
            "prevent_reply_to_closed_conversation":false,
            "start_conversation_button_text":"Start conversation"
          },
          "visitors":{
            "allow_start_conversation":true,
            "prevent_multiple_conversations":false,
            "prevent_reply_to_closed_conversation":false,
            "start_conversation_button_text":"Start conversation"
          },
          "colors":{
            "primary":"#2563eb"
          },
          "home_screen":{
            "header_text_color":"#ffffff",
            "background":{
              "type":"solid",
              "color":"#2563eb",
              "gradient_start":"#2563eb",
              "gradient_end":"#1e40af",
              "image_url":""
            },
            "fade_background":false
          },
          "features":{
            "emoji":true,
            "file_upload":false
          },
          "launcher":{
            "spacing":{
              "side":20,
              "bottom":20
            },
            "logo_url":"",
            "position":"right",
            "color":"#2563eb"
          },
          "logo_url":"",
          "notice_banner":{
            "text":"",
            "enabled":false
          },
          "home_apps":[],
          "trusted_domains":[],
          "blocked_ips":[],
          "direct_to_conversation":false,
          "greeting_message":"",
          "chat_introduction":"",
          "introduction_message":"",
          "continuity":{
            "offline_threshold":"10m",
            "max_messages_per_email":10,
            "min_email_interval":"15m"
          },
          "show_office_hours_in_chat":false,
          "show_office_hours_after_assignment":false,
          "chat_reply_expectation_message":"",
          "session_duration":"",
          "prechat_form":{
            "enabled":false,
            "title":"",
            "fields":[
              {
                "key":"name",
                "type":"text",
                "label":"Name",
                "placeholder":"",
                "required":false,
                "enabled":true,
                "order":1,
                "is_default":true,
                "custom_attribute_id":0
              },
              {
                "key":"email",
                "type":"email",
                "label":"Email",
                "placeholder":"",
                "required":false,
                "enabled":true,
                "order":2,
                "is_default":true,
                "custom_attribute_id":0
              }
            ]
          }
        },
        "secret":"••••••••••",
        "linked_email_inbox_id":null,
        "muster":{
          "version":1,
          "default_team":null,
          "retention_days":null
        }
      }
    }
    "##);
    let kim = wire.client(&wire.desk.agent("kim").await);
    assert_eq!(kim.get(INBOXES).await.data()[0]["secret"], "••••••••••");
    for answer in [
        kim.get("/api/v1/inboxes/1").await,
        kim.post(INBOXES, &json!({})).await,
        kim.put("/api/v1/inboxes/1", &json!({})).await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn an_inbox_made_elsewhere_shows_every_key_too() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let data = admin.get(&format!("{INBOXES}/{}", inbox.id)).await.data();
    assert_eq!(data["config"].as_object().unwrap().len(), 27);
    assert_eq!(data["config"]["launcher"]["position"], "right");
}

#[tokio::test]
async fn a_change_leaves_the_rest_as_it_is() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let config = json!({"brand_name": "Acme", "colors": {"primary": "#123456"}, "visitors": {"allow_start_conversation": false}});
    let body = json!({"name": "Chat", "channel": "livechat", "config": config, "muster": {"default_team": team.0, "retention_days": 30}});
    let created = admin.post(INBOXES, &body).await.data();
    assert_eq!(
        (&created["muster"]["default_team"], &created["muster"]["retention_days"]),
        (&json!(team.0), &json!(30))
    );
    assert_eq!(admin.put("/api/v1/inboxes/1", &json!({})).await.data(), created);
    let change = json!({"enabled": false, "config": {"launcher": {"color": "#fff"}}, "muster": {"default_team": null}});
    let data = admin.put("/api/v1/inboxes/1", &change).await.data();
    assert_eq!((&data["enabled"], &data["name"]), (&json!(false), &json!("Chat")));
    assert_eq!(data["config"]["colors"]["primary"], "#123456");
    assert_eq!(data["config"]["launcher"]["color"], "#fff");
    assert_eq!(data["config"]["visitors"]["allow_start_conversation"], false);
    assert_eq!((&data["muster"]["default_team"], &data["muster"]["retention_days"]), (&Value::Null, &json!(30)));
}

#[tokio::test]
async fn a_masked_or_empty_secret_keeps_the_stored_one() {
    let (wire, admin) = Wire::new().await;
    let body = json!({"name": "Chat", "channel": "livechat", "secret": "a-secret-of-our-own"});
    let created = admin.post(INBOXES, &body).await;
    assert!(!created.text().contains("a-secret"));
    let before = wire.desk.digest().await;
    for kept in ["", "••••••••••"] {
        admin.put("/api/v1/inboxes/1", &json!({"secret": kept})).await.data();
    }
    assert_eq!(wire.desk.digest().await, before);
    admin.put("/api/v1/inboxes/1", &json!({"secret": "another"})).await.data();
    assert_ne!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn what_can_not_be_is_refused() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    let chat = |changes: Value| {
        let mut body = json!({"name": "Chat", "channel": "livechat"});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    for (body, message) in [
        (json!({"channel": "livechat"}), "name empty"),
        (json!({"name": "Chat"}), "`channel` empty"),
        (json!({"name": "Chat", "channel": "pigeon"}), "Invalid `channel`"),
        (json!({"name": "Mail", "channel": "email"}), "E-mail inboxes are not available yet"),
        (chat(json!({"config": {"colors": {"primary": "blue"}}})), "Invalid `colors.primary`"),
        (chat(json!({"config": {"trusted_domains": ["https://example.org"]}})), "Invalid `trusted_domains`"),
        (chat(json!({"config": {"blocked_ips": ["x"]}})), "Invalid `blocked_ips`"),
        (chat(json!({"config": {"session_duration": "1m"}})), "Invalid `session_duration`"),
        (chat(json!({"config": {"launcher": {"position": "top"}}})), "Invalid `config`"),
        (chat(json!({"config": []})), "Invalid `config`"),
        (chat(json!({"muster": {"default_team": 9}})), "Team not found"),
        (chat(json!({"muster": {"retention_days": 0}})), "Invalid `retention_days`"),
        (chat(json!({"linked_email_inbox_id": 9})), "Inbox not found"),
    ] {
        admin.post(INBOXES, &body).await.refuses(400, "InputException", message);
    }
    assert_eq!(wire.desk.digest().await, before);
    admin.get("/api/v1/inboxes/9").await.refuses(400, "InputException", "Inbox not found");
    admin.put("/api/v1/inboxes/9", &json!({})).await.refuses(400, "InputException", "Inbox not found");
    admin.get("/api/v1/inboxes/x").await.refuses(400, "InputException", "Something went wrong");
}

#[tokio::test]
async fn an_inbox_is_closed_and_opened_by_one_call() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let path = format!("{INBOXES}/{}/toggle", inbox.id);
    let closed = admin.put(&path, &json!({})).await.data();
    assert_eq!((&closed["id"], &closed["enabled"]), (&json!(inbox.id.0), &json!(false)));
    assert_eq!(admin.put(&path, &json!({})).await.data()["enabled"], true);
    admin.put("/api/v1/inboxes/9/toggle", &json!({})).await.refuses(400, "InputException", "Inbox not found");
    let kim = wire.client(&wire.desk.agent("kim").await);
    kim.put(&path, &json!({})).await.refuses(403, "PermissionException", "Permission denied");
}

#[tokio::test]
async fn a_deleted_inbox_takes_nothing_and_its_conversations_stay_readable() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    let path = format!("{INBOXES}/{}", inbox.id);
    kim.delete(&path).await.refuses(403, "PermissionException", "Permission denied");
    assert_eq!(admin.delete(&path).await.data(), true);
    for answer in [
        admin.delete(&path).await,
        admin.get(&path).await,
        admin.put(&path, &json!({})).await,
        admin.put(&format!("{path}/toggle"), &json!({})).await,
        wire.visitor(&visitor).get("/api/v1/widget/chat/conversations").await,
    ] {
        answer.refuses(400, "InputException", "Inbox not found");
    }
    assert_eq!(admin.get(INBOXES).await.data(), json!([]));
    let path = format!("/api/v1/conversations/{}", visitor.conversation);
    assert_eq!(admin.get(&path).await.data()["inbox_name"], inbox.name);
    assert_eq!(admin.get("/api/v1/conversations/all").await.data()["total"], 1);
    assert_eq!(admin.get(&format!("{path}/messages")).await.data()["total"], 1);
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let reply = json!({"message": "<p>Hello</p>", "sender_type": "agent"});
    admin.post(&format!("{path}/messages"), &reply).await.refuses(400, "InputException", "Inbox is disabled");
    assert_eq!(wire.desk.digest().await, before);
    admin.put(&format!("{path}/status"), &json!({"status": "Resolved"})).await.data();
    let export = admin.get(&format!("/api/v1/contacts/{}/export", visitor.contact)).await;
    assert_eq!(export.status(), 200, "{}", export.shown());
}
