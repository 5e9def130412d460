//! The conformance vectors of "update user", one by one. The team is `Support`, the user `Ana`; the list `business` has
//! `Retail`, `location` has `Pune`.

use std::time::Duration;

use muster_api_imichat::Settings;
use muster_testkit::{PASSWORD, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, World, origin, outcome};

/// Sends a text as it is.
async fn raw(world: &World, method: Method, body: &'static str) -> muster_testkit::Reply {
    world.client.send(world.client.request(method, &world.path()).body(body)).await
}

#[tokio::test]
async fn vector_1_no_token_an_unknown_one_and_an_aged_one() {
    let world = World::new().await;
    let body = json!({"first_name": "Zoë"});
    let client = world.wire.nobody().header("teamid", &world.team.to_string());
    client.patch(&world.path(), &body).await.comes_out(outcome::MISSING_HEADER);
    client.header("access_token", "x").patch(&world.path(), &body).await.comes_out(outcome::INVALID_TOKEN);
    world.wire.desk.advance(Duration::from_secs(3599)).await;
    world.update(&body).await.response(4309);
    world.wire.desk.advance(Duration::from_secs(1)).await;
    world.update(&body).await.comes_out(outcome::TOKEN_EXPIRED);
}

#[tokio::test]
async fn vector_2_an_unknown_team_and_none() {
    let world = World::new().await;
    let body = json!({"first_name": "Zoë"});
    let client = world.client.clone().header("teamid", "999");
    client.patch(&world.path(), &body).await.comes_out(outcome::NO_TEAM);
    let client = world.wire.with_token(&world.key).await;
    client.patch(&world.path(), &body).await.comes_out(outcome::MISSING_HEADER);
}

#[tokio::test]
async fn vector_3_post_is_not_allowed() {
    let world = World::new().await;
    let answer = world.client.post(&world.path(), &json!({"first_name": "Zoë"})).await;
    answer.comes_out(outcome::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn vector_4_no_body_and_bodies_that_are_wrong() {
    let world = World::new().await;
    raw(&world, Method::PATCH, "").await.comes_out(outcome::NO_BODY);
    for body in ["not json", "[]", "{}", r#"{"status":"off"}"#, r#"{"login_using_email":"yes"}"#] {
        raw(&world, Method::PATCH, body).await.comes_out(outcome::INVALID_REQUEST);
    }
}

#[tokio::test]
async fn vector_5_there_is_no_user_4242() {
    let world = World::new().await;
    let answer = world.client.patch("/v3.1/users/4242", &json!({"first_name": "Zoë"})).await;
    answer.comes_out(outcome::NO_USER);
}

#[tokio::test]
async fn vector_6_business_goes_before_location() {
    let world = World::new().await;
    let refused = async |attributes: Value| world.update(&json!({"custom_attributes": attributes})).await;
    refused(json!({"business": "Nope"})).await.comes_out(outcome::INVALID_BUSINESS);
    refused(json!({"location": "Nope"})).await.comes_out(outcome::INVALID_LOCATION);
    refused(json!({"location": "Nope", "business": "Nope"})).await.comes_out(outcome::INVALID_BUSINESS);
}

async fn vector_7_one_field_changes_nothing_else(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let mut before = world.shown().await;
    world.wire.desk.advance(Duration::from_secs(60)).await;
    let after = world.update(&json!({"first_name": "Zoë"})).await.response(4309);
    before["first_name"] = json!("Zoë");
    before["updated_at"] = json!("2026-01-05T09:01:00.000Z");
    assert_eq!(after, before);
}

async fn vector_8_inactive_ends_everything_and_active_starts_signed_out(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let desk = &world.wire.desk;
    let session = desk.app.sign_in(&origin(), "ana", PASSWORD).await.unwrap();
    desk.goes_online(&world.ana).await;
    let inbox = desk.inbox_of(Some(world.team)).await;
    desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    let before = world.shown().await;
    assert_eq!([&before["accepting_chats"], &before["active_chats"]], [&json!(true), &json!(1)]);

    let after = world.update(&json!({"status": "inactive"})).await.response(4309);
    let shown = ["status", "logged_in", "accepting_chats", "active_chats"].map(|field| after[field].clone());
    assert_eq!(shown, [json!("inactive"), json!(false), json!(false), json!(0)]);
    assert!(desk.app.sign_in(&origin(), "ana", PASSWORD).await.is_err());
    assert!(desk.app.authenticate_session(&session.token).await.is_err());

    let after = world.update(&json!({"status": "active"})).await.response(4309);
    let shown = ["status", "logged_in", "accepting_chats", "active_chats"].map(|field| after[field].clone());
    assert_eq!(shown, [json!("active"), json!(false), json!(false), json!(0)]);
    assert!(desk.app.sign_in(&origin(), "ana", PASSWORD).await.is_ok());
    assert!(desk.app.authenticate_session(&session.token).await.is_err());
}

#[tokio::test]
async fn vector_9_a_login_id_is_ignored_beside_a_valid_field() {
    let world = World::new().await;
    let shown = world.update(&json!({"login_id": "new", "first_name": "Zoë"})).await.response(4309);
    assert_eq!((&shown["login_id"], &shown["first_name"]), (&json!("ana"), &json!("Zoë")));
}

#[tokio::test]
async fn vector_10_every_answer_is_stamped_and_the_day_shrinks_by_one_a_call() {
    let world = World::new().await;
    let mut left = None;
    let body = json!({"first_name": "Zoë"});
    for number in 0..4 {
        let answer = match number {
            0 => world.client.get(&world.path()).await,
            1 => world.update(&body).await,
            2 => world.update(&json!({})).await,
            _ => world.client.get("/v3.1/users/4242").await,
        };
        answer.is_stamped();
        assert_eq!(answer.header("rate-limit-limit"), Some("10000"));
        assert_eq!(answer.header("rate-limit-reset"), Some("2026-01-06T00:00:00Z"));
        let now: u32 = answer.header("rate-limit-remaining").unwrap().parse().unwrap();
        assert_eq!(left.replace(now).unwrap_or(now + 1), now + 1);
    }
    for unknown in [world.client.get("/v3.1/nothing").await, world.client.delete(&world.path()).await] {
        unknown.is_stamped();
    }
}

async fn vector_11_a_failing_store_is_3104_and_put_is_patch(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    world.wire.desk.break_agents().await;
    for method in [Method::PATCH, Method::PUT] {
        raw(&world, method, r#"{"first_name":"Zoë"}"#).await.comes_out(outcome::UPDATE_FAILED);
    }
    world.wire.desk.mend_agents().await;
    let by_put = raw(&world, Method::PUT, r#"{"first_name":"Zoë"}"#).await.response(4309);
    assert_eq!(by_put, raw(&world, Method::PATCH, r#"{"first_name":"Zoë"}"#).await.response(4309));
    assert_eq!(by_put["email_id"], "ana@example.org");
}

both_engines!(
    vector_7_one_field_changes_nothing_else,
    vector_8_inactive_ends_everything_and_active_starts_signed_out,
    vector_11_a_failing_store_is_3104_and_put_is_patch,
);
