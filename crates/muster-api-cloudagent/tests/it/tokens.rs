//! Tokens: how they are made, how long they are good, and what ends them; and which proofs an account takes.

use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::integration::Proof;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    ACCOUNT, EDIT, MALFORMED, NO_KEY, NO_TOKEN, OLD_TOKEN, Setup, TOKEN, TOO_MANY, UPDATED, WRONG_TOKEN, WRONG_USER,
    Wire, body, is, refuses,
};

const WRONG_PAIR: &str = r#"{"status": "false","message": "Invalid userName or apiKey","data": null}"#;

#[tokio::test]
async fn a_token_is_answered_without_a_status() {
    let wire = Wire::new().await;
    let answer = wire.keyed().post(TOKEN, &json!({"userName": ACCOUNT})).await;
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    is(&answer, 200, &format!(r#"{{"token": "{token}","message": ""}}"#));
    assert!(token.len() >= 43, "{token}");
}

#[tokio::test]
async fn a_token_is_refused_in_the_words_of_its_page() {
    let wire = Wire::new().await;
    let account = json!({"userName": ACCOUNT});
    for (client, sent, status, refusal) in [
        (wire.keyed(), json!({}), 401, r#"{"status": "false","message": "UserName is null","data": null}"#),
        (
            wire.keyed(),
            json!({"username": ACCOUNT}),
            401,
            r#"{"status": "false","message": "UserName is null","data": null}"#,
        ),
        (wire.keyed(), json!({"userName": "nobody"}), 401, WRONG_PAIR),
        (wire.nobody().header("apiKey", "x"), account.clone(), 401, WRONG_PAIR),
        (wire.nobody(), account.clone(), 401, NO_KEY),
        (wire.nobody().header("apiKey", ""), account.clone(), 401, NO_KEY),
        (wire.bearing(&wire.token().await), account.clone(), 401, NO_KEY),
    ] {
        refuses(&wire, &client, client.request(Method::POST, TOKEN).json(&sent), status, refusal).await;
    }
    let client = wire.keyed();
    refuses(&wire, &client, client.request(Method::POST, TOKEN).body("{"), 400, MALFORMED).await;
}

#[tokio::test]
async fn a_token_is_good_for_sixty_minutes() {
    let wire = Wire::new().await;
    let token = wire.token().await;
    wire.desk.advance(Duration::from_secs(3599)).await;
    is(&wire.bearing(&token).put(EDIT, &body(json!({}))).await, 200, UPDATED);
    wire.desk.advance(Duration::from_secs(1)).await;
    is(&wire.bearing(&token).put(EDIT, &body(json!({}))).await, 401, OLD_TOKEN);
}

#[tokio::test]
async fn a_new_token_ends_the_older_ones_at_once() {
    let wire = Wire::new().await;
    let old = wire.token().await;
    is(&wire.bearing(&old).put(EDIT, &body(json!({}))).await, 200, UPDATED);
    let new = wire.token().await;
    is(&wire.bearing(&old).put(EDIT, &body(json!({}))).await, 401, WRONG_TOKEN);
    is(&wire.bearing(&new).put(EDIT, &body(json!({}))).await, 200, UPDATED);
}

#[tokio::test]
async fn revoking_the_account_ends_key_and_token_at_once() {
    let wire = Wire::new().await;
    let token = wire.token().await;
    is(&wire.bearing(&token).put(EDIT, &body(json!({}))).await, 200, UPDATED);
    is(&wire.edit(json!({})).await, 200, UPDATED);
    wire.desk.app.revoke_integration(&Caller::operator(), muster_api_cloudagent::KIND, "Acme").await.unwrap();
    is(&wire.bearing(&token).put(EDIT, &body(json!({}))).await, 401, WRONG_TOKEN);
    is(&wire.edit(json!({})).await, 401, WRONG_USER);
}

#[tokio::test]
async fn an_empty_token_is_missing_and_a_garbled_one_is_invalid() {
    let wire = Wire::new().await;
    for (value, refusal) in
        [("Bearer", NO_TOKEN), ("Bearer ", NO_TOKEN), ("Bearer x", WRONG_TOKEN), ("x y", WRONG_TOKEN)]
    {
        let client = wire.nobody().header("Authorization", value);
        refuses(&wire, &client, client.request(Method::PUT, EDIT).json(&body(json!({}))), 401, refusal).await;
    }
}

#[tokio::test]
async fn the_key_beside_a_token_has_to_be_of_the_same_account() {
    let wire = Wire::new().await;
    let token = wire.token().await;
    is(&wire.bearing(&token).header("apiKey", &wire.key).put(EDIT, &body(json!({}))).await, 200, UPDATED);
    let new = muster_app::integrations::NewIntegration {
        kind: muster_api_cloudagent::KIND,
        name: "Other".to_owned(),
        teams: None,
        proof: Proof::Either,
    };
    let other = wire.desk.app.create_integration(&Caller::operator(), new).await.unwrap();
    let both = wire.bearing(&token).header("apiKey", &other.key);
    is(&both.put(EDIT, &body(json!({}))).await, 401, WRONG_USER);
    let theirs = wire.nobody().header("apiKey", &other.key);
    is(&theirs.put(EDIT, &body(json!({}))).await, 401, WRONG_USER);
    is(&theirs.put(EDIT, &body(json!({"userName": "other"}))).await, 200, UPDATED);
}

#[tokio::test]
async fn a_key_may_stand_in_the_body_or_the_query() {
    let wire = Wire::new().await;
    is(&wire.nobody().put(EDIT, &body(json!({"apiKey": wire.key}))).await, 200, UPDATED);
    for name in ["apiKey", "api_key"] {
        let path = format!("{EDIT}?{name}={}", wire.key);
        is(&wire.nobody().put(&path, &body(json!({}))).await, 200, UPDATED);
    }
    let blank = wire.nobody().header("apiKey", "");
    is(&blank.put(EDIT, &body(json!({"apiKey": wire.key}))).await, 401, NO_KEY);
}

#[tokio::test]
async fn an_account_takes_the_proofs_it_is_set_to() {
    let keys = Wire::with(Setup { proof: Proof::Key, ..Setup::default() }).await;
    is(&keys.edit(json!({})).await, 200, UPDATED);
    is(&keys.keyed().post(TOKEN, &json!({"userName": ACCOUNT})).await, 401, WRONG_USER);
    is(&keys.bearing("x").put(EDIT, &body(json!({}))).await, 401, WRONG_TOKEN);
    let tokens = Wire::with(Setup { proof: Proof::Token, ..Setup::default() }).await;
    is(&tokens.edit(json!({})).await, 401, NO_TOKEN);
    let token = tokens.token().await;
    is(&tokens.bearing(&token).put(EDIT, &body(json!({}))).await, 200, UPDATED);
}

#[tokio::test]
async fn ten_tokens_an_hour_are_made() {
    let wire = Wire::limited().await;
    let account = json!({"userName": ACCOUNT});
    let mut last = String::new();
    for _ in 0..10 {
        last = wire.token().await;
        wire.desk.clock.jump(Duration::from_secs(60));
    }
    let answer = wire.keyed().post(TOKEN, &account).await;
    is(&answer, 429, TOO_MANY);
    assert_eq!(answer.header("retry-after"), Some("3600"));
    is(&wire.bearing(&last).put(EDIT, &body(json!({}))).await, 200, UPDATED);
    wire.desk.clock.jump(Duration::from_secs(50 * 60));
    assert_eq!(wire.keyed().post(TOKEN, &account).await.status(), 200);
}
