//! From a key to a token, and how long each is good for.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use muster_api_imichat::{KIND, Settings};
use muster_core::actor::Caller;
use muster_testkit::{TestEngine, both_engines};
use serde_json::json;

use crate::support::{Said as _, Wire, World, encoded, outcome};

const AUTHORIZE: &str = "/v3.1/authorize";

async fn a_key_gets_a_token_in_a_header(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let client = world.wire.nobody().header("authorization", &encoded(&world.key));
    let answer = client.get(AUTHORIZE).await;
    assert_eq!(
        (answer.status().as_u16(), answer.text().as_str()),
        (200, r#"{"status_code":4301,"description":"Access token generated successfully","response":""}"#)
    );
    answer.is_stamped();
    let token = answer.header("access_token").unwrap();
    let teams = world.wire.nobody().header("access_token", token).get("/v3.1/teams").await;
    assert_eq!(teams.response(4303)["teams"][0]["team_name"], "Support");
}

#[tokio::test]
async fn three_headers_may_carry_the_key() {
    let world = World::new().await;
    for name in ["authorization", "authorization_key", "api_key"] {
        let answer = world.wire.nobody().header(name, &encoded(&world.key)).get(AUTHORIZE).await;
        assert_eq!(answer.response(4301), "", "{name}");
    }
    let blank = world.wire.nobody().header("authorization", " ").header("api_key", &encoded(&world.key));
    blank.get(AUTHORIZE).await.response(4301);
}

#[tokio::test]
async fn base64_of_either_alphabet_padded_or_not_bare_or_basic() {
    let world = World::new().await;
    // The domain is compared without case; what it is called makes the texts differ in their length.
    let domain = world.key.integration.account.to_uppercase();
    let text = format!("{}@{domain}", world.key.key);
    for encoded in
        [STANDARD.encode(&text), STANDARD_NO_PAD.encode(&text), URL_SAFE.encode(&text), URL_SAFE_NO_PAD.encode(&text)]
    {
        for value in [encoded.clone(), format!("Basic {encoded}")] {
            let client = world.wire.nobody().header("authorization", &value);
            client.get(AUTHORIZE).await.response(4301);
        }
    }
}

#[tokio::test]
async fn what_names_no_key_of_this_domain_is_refused() {
    let world = World::new().await;
    let other = world.wire.key("Other").await;
    let (key, domain) = (&world.key.key, &world.key.integration.account);
    world.wire.nobody().get(AUTHORIZE).await.comes_out(outcome::MISSING_HEADER);
    let before = world.wire.desk.digest().await;
    for text in [
        key.clone(),
        format!("{key}@"),
        format!("@{domain}"),
        format!("{key}@{}", other.integration.account),
        format!("{key}@{domain}@other"),
        format!("x{key}@{domain}"),
        format!("{key}:{domain}"),
        "\u{fffd}@\0".to_owned(),
    ] {
        let client = world.wire.nobody().header("authorization", &STANDARD.encode(&text));
        client.get(AUTHORIZE).await.comes_out(outcome::INVALID_TOKEN);
    }
    for value in ["?", "Basic", "Bearer x", &format!("{key}@{domain}")] {
        world.wire.nobody().header("authorization", value).get(AUTHORIZE).await.comes_out(outcome::INVALID_TOKEN);
    }
    assert_eq!(world.wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
}

#[tokio::test]
async fn several_tokens_live_side_by_side_for_an_hour_each() {
    let world = World::new().await;
    let first = world.wire.with_token(&world.key).await;
    world.wire.desk.advance(Duration::from_secs(1800)).await;
    let second = world.wire.with_token(&world.key).await;
    first.get("/v3.1/teams").await.response(4303);
    second.get("/v3.1/teams").await.response(4303);
    world.wire.desk.advance(Duration::from_secs(1800)).await;
    first.get("/v3.1/teams").await.comes_out(outcome::TOKEN_EXPIRED);
    second.get("/v3.1/teams").await.response(4303);
}

async fn revoking_a_key_ends_it_and_its_tokens_at_once(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let other = world.wire.key("Other").await;
    let kept = world.wire.client(&other, world.team).await;
    world.update(&json!({"first_name": "Anna"})).await.response(4309);
    world.wire.desk.app.revoke_integration(&Caller::operator(), KIND, "People").await.unwrap();
    world.update(&json!({"first_name": "Ana"})).await.comes_out(outcome::INVALID_TOKEN);
    let client = world.wire.nobody().header("authorization", &encoded(&world.key));
    client.get(AUTHORIZE).await.comes_out(outcome::INVALID_TOKEN);
    assert_eq!(kept.get(&world.path()).await.response(4306)["first_name"], "Anna");
}

#[tokio::test]
async fn a_key_of_another_product_is_none() {
    let world = World::new().await;
    let new = muster_app::integrations::NewIntegration {
        kind: "other",
        name: "People".to_owned(),
        teams: None,
        proof: muster_core::integration::Proof::Either,
    };
    let made = world.wire.desk.app.create_integration(&Caller::operator(), new).await.unwrap();
    let client = world.wire.nobody().header("authorization", &encoded(&made));
    client.get(AUTHORIZE).await.comes_out(outcome::INVALID_TOKEN);
}

#[tokio::test]
async fn headers_without_underscores_say_the_same() {
    let world = World::new().await;
    let answer = world.wire.nobody().header("authorization", &encoded(&world.key)).get(AUTHORIZE).await;
    let token = answer.header("access_token").unwrap();
    let client = world.wire.nobody().header("access-token", token).header("team_id", &world.team.to_string());
    assert_eq!(client.get(&world.path()).await.response(4306)["login_id"], "ana");
}

#[tokio::test]
async fn until_there_is_an_administrator_nothing_is_answered() {
    let wire = Wire::empty().await;
    let key = wire.key("Early").await;
    let client = wire.nobody().header("authorization", &encoded(&key));
    client.get(AUTHORIZE).await.comes_out(outcome::UNAVAILABLE);
    for path in ["/v3.1/teams", "/v3.1/users", "/v3.0/users/1"] {
        wire.nobody().get(path).await.comes_out(outcome::UNAVAILABLE);
    }
    wire.desk.admin().await;
    client.get(AUTHORIZE).await.response(4301);
}

both_engines!(a_key_gets_a_token_in_a_header, revoking_a_key_ends_it_and_its_tokens_at_once);
