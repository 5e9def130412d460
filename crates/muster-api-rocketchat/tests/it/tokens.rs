//! How long a token is good, and what ends it at once.

use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch};
use muster_core::actor::Caller;
use muster_testkit::postgres::engines;
use muster_testkit::{AgentHandle, Client, PASSWORD};
use serde_json::json;

use crate::support::{LOGIN, Said as _, Wire, not_signed_in};

const DAY: Duration = Duration::from_secs(24 * 3600);
const ME: &str = "/api/v1/me";

async fn dead(client: &Client) {
    client.get(ME).await.refuses(401, &not_signed_in());
    client.post("/api/v1/users.setStatus", &json!({"status": "online"})).await.refuses(401, &not_signed_in());
}

/// Somebody with two tokens.
async fn kim(wire: &Wire) -> (AgentHandle, [Client; 2]) {
    let kim = wire.desk.agent("kim").password().await;
    (kim, [wire.sign_in("kim").await, wire.sign_in("kim").await])
}

async fn update(wire: &Wire, agent: &AgentHandle, patch: AgentPatch) {
    wire.desk.app.update_agent(&Caller::operator(), agent.id, patch).await.unwrap();
}

#[tokio::test]
async fn a_token_is_good_for_ninety_days_from_its_latest_use() {
    for engine in engines() {
        let (wire, admin) = Wire::on(engine).await;
        for _ in 0..3 {
            wire.desk.advance(DAY * 80).await;
            admin.get(ME).await.ok();
        }
        wire.desk.advance(DAY * 91).await;
        dead(&admin).await;
    }
}

#[tokio::test]
async fn a_token_is_good_with_its_own_user_only() {
    let (wire, admin) = Wire::new().await;
    let (handle, [first, second]) = kim(&wire).await;
    dead(&admin.clone().header("x-user-id", &wire.id(&handle).await)).await;
    dead(&first.clone().header("x-auth-token", "x")).await;
    for client in [&admin, &first, &second] {
        client.get(ME).await.ok();
    }
}

#[tokio::test]
async fn signing_out_ends_this_token_alone() {
    let (wire, _) = Wire::new().await;
    let (_, [first, second]) = kim(&wire).await;
    first.post("/api/v1/logout", &json!({})).await.ok();
    dead(&first).await;
    second.get(ME).await.ok();
}

#[tokio::test]
async fn a_new_password_ends_all_tokens() {
    let (wire, _) = Wire::new().await;
    let (kim, tokens) = kim(&wire).await;
    let patch = AgentPatch { new_password: Some("Other-horse-8".to_owned()), ..AgentPatch::default() };
    update(&wire, &kim, patch).await;
    for token in &tokens {
        dead(token).await;
    }
    let old = json!({"user": "kim", "password": PASSWORD});
    assert_eq!(wire.nobody().post(LOGIN, &old).await.status(), 401);
    wire.nobody().post(LOGIN, &json!({"user": "kim", "password": "Other-horse-8"})).await.ok();
}

#[tokio::test]
async fn disabling_ends_all_tokens_and_enabling_brings_none_back() {
    let (wire, admin) = Wire::new().await;
    let (kim, tokens) = kim(&wire).await;
    let id = wire.id(&kim).await;
    let set = async |active: bool| {
        let body = json!({"userId": id, "activeStatus": active});
        let answer = admin.post("/api/v1/users.setActiveStatus", &body).await;
        assert_eq!(answer.ok()["user"], json!({"_id": id, "active": active}));
    };
    set(false).await;
    for token in &tokens {
        dead(token).await;
    }
    set(true).await;
    for token in &tokens {
        dead(token).await;
    }
    wire.sign_in("kim").await.get(ME).await.ok();
}

#[tokio::test]
async fn locking_ends_all_tokens() {
    let (wire, _) = Wire::new().await;
    let (kim, tokens) = kim(&wire).await;
    let extension = AgentExtension { locked: Some(true), ..AgentExtension::default() };
    update(&wire, &kim, AgentPatch { extension, ..AgentPatch::default() }).await;
    for token in &tokens {
        dead(token).await;
    }
}

#[tokio::test]
async fn deleting_ends_all_tokens() {
    let (wire, admin) = Wire::new().await;
    let (_, tokens) = kim(&wire).await;
    admin.post("/api/v1/users.delete", &json!({"username": "kim"})).await.ok();
    for token in &tokens {
        dead(token).await;
    }
}

#[tokio::test]
async fn rights_that_are_taken_away_are_gone_with_the_next_call() {
    let (wire, admin) = Wire::new().await;
    let lead = wire.desk.agent("lou").role("Manager").password().await;
    let client = wire.sign_in("lou").await;
    client.get("/api/v1/livechat/users/manager").await.ok();
    let path = format!("/api/v1/livechat/users/manager/{}", wire.id(&lead).await);
    admin.delete(&path).await.ok();
    assert_eq!(client.get("/api/v1/livechat/users/manager").await.status(), 403);
}

/// A web session's token and an API key are nothing here.
#[tokio::test]
async fn other_credentials_of_the_desk_open_nothing() {
    let (wire, _) = Wire::new().await;
    let kim = wire.desk.agent("kim").password().await;
    let origin =
        muster_app::auth::Origin { ip: None, user_agent: None, request_id: None, via: muster_core::actor::Via::Api };
    let session = wire.desk.app.sign_in(&origin, "kim", PASSWORD).await.unwrap();
    let id = wire.id(&kim).await;
    dead(&wire.with_token(&id, &session.token)).await;
    dead(&wire.with_token(&id, &kim.key.1)).await;
    let cookie = wire.nobody().header("cookie", &format!("rc_token={}; rc_uid={id}", session.token));
    dead(&cookie).await;
    let basic = wire.nobody().header("authorization", &format!("token {}:{}", kim.key.0, kim.key.1));
    dead(&basic).await;
}
