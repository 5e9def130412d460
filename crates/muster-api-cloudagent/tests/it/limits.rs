//! How often an account may call, on the test's clock.

use std::time::Duration;

use muster_api_cloudagent::Endpoint;
use serde_json::json;

use crate::support::{EDIT, MALFORMED, NO_AGENT, NO_KEY, TOO_MANY, WRONG_USER, Wire, body, is};

#[tokio::test]
async fn key_and_token_share_one_count() {
    let wire = Wire::limited().await;
    let token = wire.token().await;
    for _ in 0..2 {
        wire.ok(&wire.edit(json!({})).await);
        wire.ok(&wire.bearing(&token).put(EDIT, &body(json!({}))).await);
    }
    wire.ok(&wire.edit(json!({})).await);
    is(&wire.edit(json!({})).await, 429, TOO_MANY);
    is(&wire.bearing(&token).put(EDIT, &body(json!({}))).await, 429, TOO_MANY);
}

#[tokio::test]
async fn refused_edits_count_and_those_without_an_account_do_not() {
    let wire = Wire::limited().await;
    for _ in 0..4 {
        is(&wire.edit(json!({"agentId": "zz"})).await, 404, NO_AGENT);
        is(&wire.edit(json!({"userName": "nobody"})).await, 401, WRONG_USER);
        is(&wire.nobody().put(EDIT, &body(json!({}))).await, 401, NO_KEY);
        is(&wire.keyed().send(wire.keyed().request(reqwest::Method::PUT, EDIT).body("{")).await, 400, MALFORMED);
    }
    wire.ok(&wire.edit(json!({})).await);
    is(&wire.edit(json!({})).await, 429, TOO_MANY);
    is(&wire.edit(json!({"agentId": "zz"})).await, 429, TOO_MANY);
    is(&wire.edit(json!({"userName": "nobody"})).await, 401, WRONG_USER);
}

#[tokio::test]
async fn eight_good_edits_inside_a_minute_pass_five_times_and_again_after_the_window() {
    let wire = Wire::limited().await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(wire.edit(json!({})).await.status().as_u16());
        wire.desk.clock.jump(Duration::from_secs(5));
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    // The last three count too: two of the five that count are still inside.
    wire.desk.clock.jump(Duration::from_secs(40));
    wire.ok(&wire.edit(json!({})).await);
}

/// What each route but the one for tokens answers to one call too many.
#[tokio::test]
async fn each_endpoint_counts_for_itself_up_to_its_limit() {
    let wire = Wire::limited().await;
    for route in &wire.routes {
        let Some(limit) = route.guard.endpoint.calls_a_minute() else { continue };
        let client = wire.keyed();
        let call = || client.send(client.request(route.method.clone(), &route.path).json(&json!({"userName": "acme"})));
        for _ in 0..limit {
            assert_ne!(call().await.status(), 429, "{}", route.path);
        }
        let message_first = [Endpoint::AgentDetails, Endpoint::AgentLogins].contains(&route.guard.endpoint);
        let told = if message_first { r#"{"message": "Max limit exceeded","status": "error"}"# } else { TOO_MANY };
        is(&call().await, 429, told);
    }
}

#[tokio::test]
async fn an_address_that_fails_too_often_is_refused_for_a_minute() {
    let wire = Wire::limited().await;
    for _ in 0..60 {
        is(&wire.nobody().put(EDIT, &body(json!({}))).await, 401, NO_KEY);
    }
    let answer = wire.edit(json!({})).await;
    is(&answer, 429, TOO_MANY);
    assert_eq!(answer.header("retry-after"), Some("60"));
    wire.desk.clock.jump(Duration::from_secs(60));
    wire.ok(&wire.edit(json!({})).await);
}

#[tokio::test]
async fn without_limits_nothing_is_counted() {
    let wire = Wire::new().await;
    for _ in 0..61 {
        is(&wire.nobody().put(EDIT, &body(json!({}))).await, 401, NO_KEY);
    }
    for _ in 0..11 {
        wire.ok(&wire.edit(json!({})).await);
        wire.token().await;
    }
}
