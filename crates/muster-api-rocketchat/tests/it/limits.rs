//! How often a route may be called.

use std::time::Duration;

use serde_json::json;

use crate::support::{LOGIN, Said as _, Setting, Wire};

const ME: &str = "/api/v1/me";

async fn limited() -> Wire {
    let (wire, _) = Wire::with(Setting { rate_limits: true, ..Setting::default() }).await;
    wire.desk.agent("kim").password().await;
    wire.desk.agent("lee").password().await;
    wire
}

#[tokio::test]
async fn the_eleventh_call_of_a_minute_is_refused() {
    let wire = limited().await;
    let kim = wire.sign_in("kim").await;
    for left in (0..10).rev() {
        let answer = kim.get(ME).await;
        answer.ok();
        assert_eq!(answer.header("x-ratelimit-limit"), Some("10"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(left.to_string().as_str()));
        assert_eq!(answer.header("x-ratelimit-reset"), Some("1767603660000"));
    }
    wire.desk.advance(Duration::from_secs(20)).await;
    let refused = kim.get(ME).await;
    let text = "Error, too many requests. Please slow down. You must wait 40 seconds before trying this endpoint again. \
                [error-too-many-requests]";
    refused.refuses(429, &json!({"success": false, "error": text, "errorType": "error-too-many-requests"}));
    assert_eq!(refused.header("retry-after"), Some("40"));
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    wire.desk.advance(Duration::from_secs(60)).await;
    kim.get(ME).await.ok();
}

#[tokio::test]
async fn each_route_method_and_user_has_a_count_of_its_own() {
    let wire = limited().await;
    let (kim, lee) = (wire.sign_in("kim").await, wire.sign_in("lee").await);
    for _ in 0..11 {
        kim.get(ME).await;
    }
    assert_eq!(kim.get(ME).await.status(), 429);
    lee.get(ME).await.ok();
    kim.get("/api/v1/users.getStatus").await.ok();
    for _ in 0..10 {
        kim.get("/api/v1/livechat/department/one").await.ok();
    }
    assert_eq!(kim.get("/api/v1/livechat/department/two").await.status(), 429);
    kim.get("/api/v1/livechat/department").await.ok();
}

#[tokio::test]
async fn a_refused_call_is_refused_before_its_parameters_and_its_permission() {
    let wire = limited().await;
    let kim = wire.sign_in("kim").await;
    for _ in 0..10 {
        assert_eq!(kim.post("/api/v1/users.create", &json!({})).await.status(), 400);
    }
    assert_eq!(kim.post("/api/v1/users.create", &json!({})).await.status(), 429);
    wire.nobody().post("/api/v1/users.create", &json!({})).await.refuses(401, &crate::support::not_signed_in());
}

#[tokio::test]
async fn signing_in_is_counted_by_address() {
    let wire = limited().await;
    wire.desk.advance(Duration::from_secs(61)).await;
    for number in 0..10 {
        let answer = wire.nobody().post(LOGIN, &json!({"user": format!("kim{number}"), "password": "wrong"})).await;
        assert_eq!(answer.status(), 401);
    }
    let right = json!({"user": "kim", "password": muster_testkit::PASSWORD});
    assert_eq!(wire.nobody().post(LOGIN, &right).await.status(), 429);
    wire.desk.advance(Duration::from_secs(61)).await;
    wire.nobody().post(LOGIN, &right).await.ok();
}

#[tokio::test]
async fn administrators_are_not_counted() {
    let wire = limited().await;
    let admin = wire.sign_in("ada").await;
    for _ in 0..30 {
        let answer = admin.get(ME).await;
        answer.ok();
        assert_eq!(answer.header("x-ratelimit-limit"), None);
    }
}

#[tokio::test]
async fn limits_can_be_turned_off() {
    let (wire, _) = Wire::new().await;
    wire.desk.agent("kim").password().await;
    let kim = wire.sign_in("kim").await;
    for _ in 0..30 {
        kim.get(ME).await.ok();
    }
}
