//! Presence: statuses, and whether an agent takes chats.

use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::presence::Link;
use muster_testkit::postgres::engines;
use muster_testkit::{AgentHandle, Client};
use serde_json::{Value, json};

use crate::support::{Said as _, Wire, forbidden, lacks_permission};

const SET: &str = "/api/v1/users.setStatus";
const GET: &str = "/api/v1/users.getStatus";
const SERVICE: &str = "/api/v1/livechat/agent.status";

async fn kim(wire: &Wire) -> (AgentHandle, Client) {
    let kim = wire.desk.agent("kim").password().await;
    (kim, wire.sign_in("kim").await)
}

async fn profile(wire: &Wire, agent: &AgentHandle) -> Profile {
    wire.desk.app.agent(&Caller::operator(), agent.id).await.unwrap()
}

async fn is_live(wire: &Wire, agent: &AgentHandle) -> bool {
    profile(wire, agent).await.state.is_live(wire.desk.now())
}

async fn status_of(client: &Client) -> Value {
    client.get(GET).await.ok()["status"].clone()
}

#[tokio::test]
async fn a_status_is_set_and_shown() {
    for engine in engines() {
        let (wire, _) = Wire::on(engine).await;
        let (handle, client) = kim(&wire).await;
        let id = wire.id(&handle).await;
        let answer = client.post(SET, &json!({"status": "busy", "message": "On the phone"})).await;
        assert_eq!(answer.text(), r#"{"success":true}"#);
        let answer = client.get(GET).await;
        assert_eq!(
            answer.text(),
            format!(
                "{{\"message\":\"On the phone\",\"status\":\"busy\",\"connectionStatus\":\"online\",\"_id\":\"{id}\",\
                 \"success\":true}}"
            )
        );
        for status in ["online", "away", "offline", "online"] {
            client.post(SET, &json!({"status": status})).await.ok();
            assert_eq!(status_of(&client).await, status);
        }
        assert_eq!(client.get(GET).await.ok()["message"], "On the phone");
        client.post(SET, &json!({"message": ""})).await.ok();
        assert_eq!(client.get(GET).await.ok()["message"], "");
    }
}

#[tokio::test]
async fn a_status_but_offline_is_a_proof_that_one_is_there() {
    let (wire, _) = Wire::new().await;
    let (handle, client) = kim(&wire).await;
    assert!(!is_live(&wire, &handle).await);
    for (status, proves) in [("online", true), ("offline", false), ("busy", true), ("offline", false), ("away", true)] {
        client.post(SET, &json!({"status": status})).await.ok();
        assert_eq!(is_live(&wire, &handle).await, proves, "{status}");
    }
}

#[tokio::test]
async fn an_agent_who_is_online_gets_work_while_calls_go_on() {
    let (wire, _) = Wire::new().await;
    let (handle, client) = kim(&wire).await;
    client.post(SET, &json!({"status": "online"})).await.ok();
    for _ in 0..10 {
        wire.desk.advance(Duration::from_secs(120)).await;
        client.get("/api/v1/me").await.ok();
    }
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    wire.desk.quiet().await;
    let view = wire.desk.app.conversation(&Caller::operator(), visitor.conversation).await.unwrap();
    assert_eq!(view.conversation.assignee, Some(handle.id));
    wire.desk.advance(Duration::from_secs(301)).await;
    assert_eq!(status_of(&client).await, "offline");
}

#[tokio::test]
async fn a_message_alone_proves_nothing() {
    let (wire, _) = Wire::new().await;
    let (handle, client) = kim(&wire).await;
    wire.desk.advance(Duration::from_secs(301)).await;
    client.post(SET, &json!({"message": "Back at nine"})).await.ok();
    let state = profile(&wire, &handle).await.state;
    assert_eq!((state.link, state.pause_note.as_deref()), (Link::Absent, Some("Back at nine")));
}

#[tokio::test]
async fn what_a_status_is_not_is_refused_and_changes_nothing() {
    let (wire, _) = Wire::new().await;
    let (handle, client) = kim(&wire).await;
    let other = wire.desk.agent("lee").await;
    let before = wire.digest().await;
    let text = "Valid status types include online, away, offline, and busy. [error-invalid-status]";
    client.post(SET, &json!({"status": "sleeping"})).await.fails(text, Some("error-invalid-status"));
    let text = "Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation";
    client.post(SET, &json!({})).await.fails(text, None);
    client.post(SET, &json!({"status": 7})).await.fails("Match error: Expected string in field status", None);
    let long = json!({"status": "online", "message": "x".repeat(201)});
    let text = "message is longer than 200 characters [error-invalid-params]";
    client.post(SET, &long).await.fails(text, Some("error-invalid-params"));
    let of_other = json!({"status": "online", "userId": wire.id(&other).await});
    client.post(SET, &of_other).await.refuses(403, &forbidden());
    client.post(SET, &json!({"status": "online", "username": "lee"})).await.refuses(403, &forbidden());
    Wire::same(&before, &wire.digest().await, "refused");
    let own = json!({"status": "online", "userId": wire.id(&handle).await, "username": "kim"});
    client.post(SET, &own).await.ok();
}

#[tokio::test]
async fn anybody_who_is_signed_in_sees_a_colleagues_status() {
    let (wire, admin) = Wire::new().await;
    let (handle, client) = kim(&wire).await;
    client.post(SET, &json!({"status": "away"})).await.ok();
    let id = wire.id(&handle).await;
    for query in [format!("userId={id}"), "username=kim".to_owned()] {
        let answer = admin.get(&format!("{GET}?{query}")).await.ok();
        assert_eq!((&answer["status"], &answer["_id"]), (&json!("away"), &json!(id)));
    }
    let text = r#"The required "userId" or "username" param provided does not match any users [error-invalid-user]"#;
    admin.get(&format!("{GET}?userId=unknown")).await.fails(text, Some("error-invalid-user"));
}

#[tokio::test]
async fn somebody_elses_word_is_not_shown_as_ones_own() {
    let (wire, admin) = Wire::new().await;
    let (handle, client) = kim(&wire).await;
    wire.desk.advance(Duration::from_secs(301)).await;
    let patch = muster_app::agents::AgentPatch {
        presence: Some(muster_core::presence::Wish::Ready),
        ..muster_app::agents::AgentPatch::default()
    };
    let ada = admin.get("/api/v1/me").await.ok();
    let ada = wire.desk.app.agent_by_public_id(&Caller::operator(), ada["_id"].as_str().unwrap()).await.unwrap();
    let ada = wire.desk.handle(&ada).await;
    wire.desk.app.update_agent(&wire.desk.caller(&ada).await, handle.id, patch).await.unwrap();
    assert_eq!(profile(&wire, &handle).await.state.link, Link::Declared);
    assert_eq!(status_of(&client).await, "offline");
}

#[tokio::test]
async fn an_agent_says_whether_chats_are_taken() {
    let (wire, _) = Wire::new().await;
    let (handle, client) = kim(&wire).await;
    let answer = client.post(SERVICE, &json!({"status": "not-available"})).await;
    assert_eq!(answer.text(), r#"{"status":"not-available","success":true}"#);
    assert!(is_live(&wire, &handle).await);
    let me = client.get("/api/v1/me").await.ok();
    assert_eq!((&me["statusLivechat"], &me["status"]), (&json!("not-available"), &json!("online")));
    assert_eq!(client.post(SERVICE, &json!({"status": "available"})).await.ok()["status"], "available");
    for expected in ["not-available", "available"] {
        assert_eq!(client.post(SERVICE, &json!({})).await.ok()["status"], expected);
    }
}

#[tokio::test]
async fn saying_the_same_again_of_oneself_still_proves_that_one_is_there() {
    let (wire, _) = Wire::new().await;
    let (handle, client) = kim(&wire).await;
    assert!(!is_live(&wire, &handle).await);
    assert_eq!(client.post(SERVICE, &json!({"status": "available"})).await.ok()["status"], "available");
    assert!(is_live(&wire, &handle).await);
}

#[tokio::test]
async fn another_is_switched_by_who_manages_agents_and_that_proves_nothing() {
    let (wire, _) = Wire::new().await;
    let (handle, _) = kim(&wire).await;
    let id = wire.id(&handle).await;
    wire.desk.agent("lou").role("Manager").password().await;
    let lead = wire.sign_in("lou").await;
    let set =
        async |client: &Client, status: &str| client.post(SERVICE, &json!({"agentId": id, "status": status})).await;
    assert_eq!(set(&lead, "not-available").await.ok()["status"], "not-available");
    assert_eq!(set(&lead, "available").await.ok()["status"], "available");
    assert!(!is_live(&wire, &handle).await);
    wire.desk.agent("lee").password().await;
    let lee = wire.sign_in("lee").await;
    set(&lee, "not-available").await.refuses(403, &forbidden());
    let reader = wire.holder("max", &[muster_core::permission::Permission::UsersManage]).await;
    set(&reader, "available").await.refuses(403, &lacks_permission());
}

#[tokio::test]
async fn who_is_no_agent_or_cannot_sign_in_is_not_made_available() {
    let (wire, admin) = Wire::new().await;
    let absent = json!({"success": false, "error": "Agent not found"});
    let ann = wire.desk.agent("ann").role("Analyst").await;
    for id in [wire.id(&ann).await, "unknown".to_owned()] {
        admin.post(SERVICE, &json!({"agentId": id, "status": "available"})).await.refuses(404, &absent);
    }
    let (handle, _) = kim(&wire).await;
    let id = wire.id(&handle).await;
    admin.post("/api/v1/users.setActiveStatus", &json!({"userId": id, "activeStatus": false})).await.ok();
    let answer = admin.post(SERVICE, &json!({"agentId": id, "status": "available"})).await;
    answer.fails("error-user-deactivated", None);
    let wrong = json!({"status": "sleeping"});
    let text = "must be equal to one of the allowed values [invalid-params]";
    admin.post(SERVICE, &wrong).await.fails(text, Some("invalid-params"));
}
