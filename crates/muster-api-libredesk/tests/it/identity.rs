//! Contacts whom the page's owner vouches for, and visitors who turn out to be one of them.

use std::time::Duration;

use muster_core::id::ContactId;
use muster_core::inbox::Inbox;
use muster_testkit::{Client, Reply, signed_token};
use serde_json::{Value, json};

use crate::sockets::Socket;
use crate::support::{Said as _, Wire};

const W: &str = "/api/v1/widget/chat";
const CLEAR: &str = "x-libredesk-clear-visitor";
/// 2026-01-05T10:00:00Z: an hour from the beginning of tests.
const IN_AN_HOUR: i64 = 1_767_607_200;

/// A desk with a chat inbox, its administrator, and a widget that stands for it without a session.
async fn desk() -> (Wire, Client, Inbox, Client) {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let widget = wire.nobody().header("x-libredesk-inbox-id", &inbox.uuid.to_string());
    (wire, admin, inbox, widget)
}

fn mia() -> Value {
    json!({"external_user_id": "u-1", "email": "mia@example.org", "first_name": "Mia", "last_name": "Roe",
           "exp": IN_AN_HOUR})
}

async fn exchange(widget: &Client, jwt: &str) -> Reply {
    widget.post(&format!("{W}/auth/exchange"), &json!({"jwt": jwt})).await
}

fn bearing(widget: &Client, token: &str) -> Client {
    widget.clone().header("authorization", &format!("Bearer {token}"))
}

/// The widget with the session of whom these claims name.
async fn identified(wire: &Wire, inbox: &Inbox, widget: &Client, claims: &Value) -> Client {
    let session = exchange(widget, &wire.desk.vouch(inbox, claims).await).await.data();
    bearing(widget, session["session_token"].as_str().unwrap())
}

/// Starts a chat without a session: the visitor's token, and the chat's UUID.
async fn started(widget: &Client, form: Value) -> (String, String) {
    let body = json!({"message": "Hello", "form_data": form});
    let chat = widget.post(&format!("{W}/conversations/init"), &body).await.data();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&chat["session_token"]), text(&chat["conversation"]["uuid"]))
}

#[tokio::test]
async fn a_signed_token_opens_a_session() {
    let (wire, admin, inbox, widget) = desk().await;
    let session = exchange(&widget, &wire.desk.vouch(&inbox, &mia()).await).await.data();
    assert_eq!(session["session_token"].as_str().unwrap().len(), 43);
    let user =
        json!({"user_id": session["user"]["user_id"], "is_visitor": false, "first_name": "Mia", "last_name": "Roe"});
    assert_eq!(session["user"], user);
    let known = bearing(&widget, session["session_token"].as_str().unwrap());
    assert_eq!(known.get(&format!("{W}/auth/me")).await.data(), user);

    let chat = known.post(&format!("{W}/conversations/init"), &json!({"message": "Hello"})).await.data();
    let uuid = chat["conversation"]["uuid"].as_str().unwrap();
    let contact = admin.get(&format!("/api/v1/conversations/{uuid}")).await.data()["contact"].take();
    assert_eq!((&contact["type"], &contact["email"]), (&json!("contact"), &json!("mia@example.org")));
    assert_eq!(contact["external_user_id"], "u-1");
}

#[tokio::test]
async fn what_the_token_says_is_followed() {
    let (wire, admin, inbox, widget) = desk().await;
    let plan =
        json!({"name": "Plan", "description": "Paid", "applies_to": "contact", "key": "plan", "data_type": "text"});
    admin.post("/api/v1/custom-attributes", &plan).await.data();
    let first = identified(&wire, &inbox, &widget, &mia()).await;
    let chat = first.post(&format!("{W}/conversations/init"), &json!({"message": "Hello"})).await.data();
    let mut changed = mia();
    changed["email"] = json!("Mia.New@example.org");
    changed["phone_number"] = json!("0151 777");
    changed["phone_number_country_code"] = json!("de");
    changed["contact_custom_attributes"] = json!({"plan": "gold", "unknown": 1});
    let again = identified(&wire, &inbox, &widget, &changed).await;
    let me = again.get(&format!("{W}/auth/me")).await.data();
    assert_eq!(me, first.get(&format!("{W}/auth/me")).await.data(), "both sessions are the same contact's");
    let path = format!("/api/v1/conversations/{}", chat["conversation"]["uuid"].as_str().unwrap());
    let contact = admin.get(&path).await.data()["contact"].take();
    assert_eq!((&contact["email"], &contact["phone_number"]), (&json!("mia.new@example.org"), &json!("0151 777")));
    assert_eq!(contact["custom_attributes"], json!({"plan": "gold"}));
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    identified(&wire, &inbox, &widget, &changed).await;
    wire.desk.quiet().await;
    assert_eq!(wire.desk.digest().await.changed_since(&before), ["visitor_sessions"]);
}

#[tokio::test]
async fn what_proves_nothing_opens_no_session() {
    let (wire, _, inbox, widget) = desk().await;
    let other = wire.desk.inbox().await;
    let changed = |name: &str, value: Value| {
        let mut claims = mia();
        claims[name] = value;
        claims
    };
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    for jwt in [
        "nonsense".to_owned(),
        signed_token("another secret", &mia()),
        wire.desk.vouch(&other, &mia()).await,
        wire.desk.vouch(&inbox, &changed("exp", json!(1_767_603_600))).await,
        wire.desk.vouch(&inbox, &changed("exp", Value::Null)).await,
    ] {
        exchange(&widget, &jwt).await.refuses(401, "UnauthorizedException", "Unauthorized");
    }
    exchange(&widget, "").await.refuses(400, "InputException", "jwt Required");
    for (name, max) in [("external_user_id", 128), ("email", 254), ("first_name", 128)] {
        for value in [Value::Null, json!(""), json!("x".repeat(max + 1))] {
            let jwt = wire.desk.vouch(&inbox, &changed(name, value)).await;
            exchange(&widget, &jwt).await.refuses(400, "InputException", &format!("{name} Required"));
        }
    }
    let jwt = wire.desk.vouch(&inbox, &changed("email", json!("no address"))).await;
    exchange(&widget, &jwt).await.refuses(400, "InputException", "Invalid email address");
    wire.desk.quiet().await;
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_a_blocked_contact_is_refused_with_403() {
    let (wire, admin, inbox, widget) = desk().await;
    let known = identified(&wire, &inbox, &widget, &mia()).await;
    let id = known.get(&format!("{W}/auth/me")).await.data()["user_id"].as_i64().unwrap();
    block(&wire, id).await;
    let jwt = wire.desk.vouch(&inbox, &mia()).await;
    exchange(&widget, &jwt).await.refuses(403, "PermissionException", "Access denied");
    known.get(&format!("{W}/auth/me")).await.refuses(401, "UnauthorizedException", "Unauthorized");
    drop(admin);
}

async fn block(wire: &Wire, contact: i64) {
    wire.desk.block_contact(ContactId(contact)).await;
}

#[tokio::test]
async fn deviation_each_exchange_opens_a_session_and_the_oldest_end() {
    let (wire, _, inbox, widget) = desk().await;
    let first = identified(&wire, &inbox, &widget, &mia()).await;
    let mut latest = first.clone();
    for _ in 0..20 {
        wire.desk.clock.jump(Duration::from_secs(1));
        first.get(&format!("{W}/auth/me")).await.data();
        latest = identified(&wire, &inbox, &widget, &mia()).await;
    }
    first.get(&format!("{W}/auth/me")).await.refuses(401, "UnauthorizedException", "Unauthorized");
    latest.get(&format!("{W}/auth/me")).await.data();
}

#[tokio::test]
async fn another_secret_ends_the_sessions_of_whom_the_first_vouched_for() {
    let (wire, admin, inbox, widget) = desk().await;
    let known = identified(&wire, &inbox, &widget, &mia()).await;
    let (visitor, _) = started(&widget, json!({})).await;
    let jwt = wire.desk.vouch(&inbox, &mia()).await;
    let path = format!("/api/v1/inboxes/{}", inbox.id);
    admin.put(&path, &json!({"secret": "Another-secret-of-32-characters-"})).await.data();
    known.get(&format!("{W}/auth/me")).await.refuses(401, "UnauthorizedException", "Unauthorized");
    exchange(&widget, &jwt).await.refuses(401, "UnauthorizedException", "Unauthorized");
    assert_eq!(bearing(&widget, &visitor).get(&format!("{W}/auth/me")).await.data()["is_visitor"], true);
    identified(&wire, &inbox, &widget, &mia()).await.get(&format!("{W}/auth/me")).await.data();
}

#[tokio::test]
async fn a_verified_session_lasts_as_long_as_the_inbox_says() {
    let (wire, admin, inbox, widget) = desk().await;
    let path = format!("/api/v1/inboxes/{}", inbox.id);
    admin.put(&path, &json!({"config": {"session_duration": "2h"}})).await.data();
    let known = identified(&wire, &inbox, &widget, &mia()).await;
    let me = format!("{W}/auth/me");
    for _ in 0..3 {
        wire.desk.clock.jump(Duration::from_secs(90 * 60));
        known.get(&me).await.data();
    }
    wire.desk.clock.jump(Duration::from_secs(121 * 60));
    known.get(&me).await.refuses(401, "UnauthorizedException", "Unauthorized");

    let mut later = mia();
    later["exp"] = json!(IN_AN_HOUR + 24 * 3600);
    let known = identified(&wire, &inbox, &widget, &later).await;
    admin.put(&path, &json!({"config": {"session_duration": "1h"}})).await.data();
    known.get(&me).await.data();
    wire.desk.clock.jump(Duration::from_secs(61 * 60));
    known.get(&me).await.refuses(401, "UnauthorizedException", "Unauthorized");
}

#[tokio::test]
async fn who_was_a_visitor_keeps_the_conversation() {
    let (wire, admin, inbox, widget) = desk().await;
    let (token, uuid) = started(&widget, json!({})).await;
    let visitor = bearing(&widget, &token);
    let mut socket = Socket(wire.nobody().socket("/widget/ws").await.unwrap());
    socket.send(&json!({"type": "join", "token": token, "data": {"inbox_id": inbox.uuid}})).await;
    socket.frame_of("joined").await;

    let known = identified(&wire, &inbox, &widget, &mia()).await;
    let me = known.get(&format!("{W}/auth/me")).await;
    assert_eq!(me.header(CLEAR), None);
    let merged = known.clone().header("x-libredesk-visitor-token", &token).get(&format!("{W}/conversations")).await;
    assert_eq!(merged.header(CLEAR), Some("true"));
    assert_eq!(merged.data()[0]["uuid"], uuid.as_str());
    assert_eq!(socket.closed().await.0, 1001);
    visitor.get(&format!("{W}/auth/me")).await.refuses(401, "UnauthorizedException", "Unauthorized");

    let path = format!("/api/v1/conversations/{uuid}");
    let conversation = admin.get(&path).await.data();
    assert_eq!(conversation["contact_id"], me.data()["user_id"]);
    let messages = admin.get(&format!("{path}/messages")).await.data();
    let message = messages["results"].as_array().unwrap().last().unwrap();
    assert_eq!((&message["sender_id"], &message["author"]["first_name"]), (&me.data()["user_id"], &json!("Mia")));
    let sent = json!({"message": "Still me"});
    known.post(&format!("{W}/conversations/{uuid}/message"), &sent).await.data();

    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let again = known.header("x-libredesk-visitor-token", &token).get(&format!("{W}/auth/me")).await;
    assert_eq!(again.header(CLEAR), Some("true"), "a token that is spent need not be kept");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn an_exchange_merges_at_once() {
    let (wire, admin, inbox, widget) = desk().await;
    let (token, uuid) = started(&widget, json!({})).await;
    let guest = admin.get(&format!("/api/v1/conversations/{uuid}")).await.data()["contact_id"].clone();
    let mut agent = Socket(admin.socket("/ws").await.unwrap());
    agent.send(&json!({"type": "conversation_subscribe", "data": {"conversation_uuid": uuid}})).await;
    agent.text("ping").await;
    agent.heard_until("pong").await;
    let jwt = wire.desk.vouch(&inbox, &mia()).await;
    let answer = exchange(&widget.clone().header("x-libredesk-visitor-token", &token), &jwt).await;
    assert_eq!(answer.header(CLEAR), Some("true"));
    let known = bearing(&widget, answer.data()["session_token"].as_str().unwrap());
    assert_eq!(known.get(&format!("{W}/conversations")).await.data()[0]["uuid"], uuid.as_str());
    wire.desk.quiet().await;
    let told = agent.frame_of("contact_update").await;
    assert_eq!((&told["merged_contact_id"], &told["first_name"]), (&guest, &json!("Mia")));
}

#[tokio::test]
async fn only_a_visitor_of_the_same_inbox_is_merged() {
    let (wire, _, inbox, widget) = desk().await;
    let other = wire.desk.inbox().await;
    let elsewhere = wire.desk.visitor(&other, "Hello").await;
    let known = identified(&wire, &inbox, &widget, &mia()).await;
    let mut ned = mia();
    ned["external_user_id"] = json!("u-2");
    let jwt = wire.desk.vouch(&inbox, &ned).await;
    let contact = exchange(&widget, &jwt).await.data()["session_token"].as_str().unwrap().to_owned();
    let (blocked, _) = started(&widget, json!({})).await;
    let id = bearing(&widget, &blocked).get(&format!("{W}/auth/me")).await.data()["user_id"].as_i64().unwrap();
    block(&wire, id).await;
    let (visitor, _) = started(&widget, json!({})).await;
    let (source, _) = started(&widget, json!({})).await;
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    for token in [elsewhere.token.as_str(), contact.as_str(), blocked.as_str()] {
        let answer = known.clone().header("x-libredesk-visitor-token", token).get(&format!("{W}/auth/me")).await;
        assert_eq!((answer.status().as_u16(), answer.header(CLEAR)), (200, None));
    }
    // A visitor can't take over another one.
    let taker = bearing(&widget, &visitor).header("x-libredesk-visitor-token", &source);
    assert_eq!(taker.get(&format!("{W}/auth/me")).await.header(CLEAR), None);
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn a_typed_address_merges_nothing_and_shows_nothing() {
    let (wire, admin, inbox, widget) = desk().await;
    let fields = json!([{"key": "name", "enabled": true}, {"key": "email", "enabled": true}]);
    let config = json!({"prechat_form": {"enabled": true, "fields": fields}});
    admin.put(&format!("/api/v1/inboxes/{}", inbox.id), &json!({"config": config})).await.data();
    let known = identified(&wire, &inbox, &widget, &mia()).await;
    let chat = known.post(&format!("{W}/conversations/init"), &json!({"message": "Mine"})).await.data();
    let typed = json!({"name": "Mallory", "email": "mia@example.org"});
    let (token, uuid) = started(&widget, typed).await;
    let mallory = bearing(&widget, &token);
    let shown = mallory.get(&format!("{W}/conversations")).await.data();
    assert_eq!(shown.as_array().unwrap().iter().map(|chat| &chat["uuid"]).collect::<Vec<_>>(), [uuid.as_str()]);
    let foreign = format!("{W}/conversations/{}", chat["conversation"]["uuid"].as_str().unwrap());
    mallory.get(&foreign).await.refuses(403, "PermissionException", "Permission denied");
    assert_eq!(known.get(&format!("{W}/auth/me")).await.data()["first_name"], "Mia");
    assert_eq!(known.get(&format!("{W}/conversations")).await.data().as_array().unwrap().len(), 1);
}
